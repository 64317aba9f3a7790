package dhalion.rig;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * The word count: source, split, count and sink, each a task of its own. Split and count take a fixed time for each record,
 * so that what parallelism a load needs is a division. Submits itself and prints the job's id.
 */
public final class WordCountJob {
    private WordCountJob() {}

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.of(arguments);
        String controls = settings.text("controls");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createRemoteEnvironment(
                        "127.0.0.1", settings.whole("rest-port"), settings.text("jar"));
        environment.disableOperatorChaining();
        // A rescale goes back to the last checkpoint: what came since is read twice. The cluster's own settings would not do.
        environment.enableCheckpointing(settings.whole("checkpoint-ms"));
        environment
                .fromSource(
                        new OfferedSource(controls, settings.whole("partitions"), settings.whole("words")),
                        WatermarkStrategy.noWatermarks(),
                        "sentences",
                        Types.STRING)
                .setParallelism(settings.whole("source"))
                .rebalance()
                .flatMap(new Split(controls, settings.number("split-seconds")))
                .returns(Types.STRING)
                .name("split")
                .setParallelism(settings.whole("split"))
                .keyBy(word -> word, Types.STRING)
                .map(new Count(settings.number("count-seconds")))
                .returns(Types.LONG)
                .name("count")
                .setParallelism(settings.whole("count"))
                .rebalance()
                .sinkTo(new DiscardingSink<>())
                .name("counts")
                .setParallelism(1);
        System.out.println(environment.executeAsync(settings.text("name")).getJobID());
    }

    /** `--name value` pairs. Flink's own reader of them is another class in 2.x than in 1.x. */
    private record Settings(Map<String, String> byName) {
        static Settings of(String[] arguments) {
            Map<String, String> byName = new HashMap<>();
            for (int index = 0; index + 1 < arguments.length; index += 2) {
                byName.put(arguments[index].substring("--".length()), arguments[index + 1]);
            }
            return new Settings(byName);
        }

        String text(String name) {
            String value = byName.get(name);
            if (value == null) throw new IllegalArgumentException("--" + name + " is missing");
            return value;
        }

        int whole(String name) {
            return Integer.parseInt(text(name));
        }

        double number(String name) {
            return Double.parseDouble(text(name));
        }
    }

    private static final class Split extends RichFlatMapFunction<String, String> {
        private static final long serialVersionUID = 1;

        private final String controlFolder;
        private final double seconds;
        private transient Controls controls;
        private transient Pace pace;
        private transient int subtask;
        private transient int parallelism;

        Split(String controlFolder, double seconds) {
            this.controlFolder = controlFolder;
            this.seconds = seconds;
        }

        @Override
        public void open(OpenContext context) {
            controls = new Controls(controlFolder);
            pace = new Pace();
            subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
            parallelism = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        }

        @Override
        public void flatMap(String sentence, Collector<String> words) throws Exception {
            pace.spend(seconds * controls.slowness(subtask, parallelism));
            for (String word : sentence.split(" ")) words.collect(word);
        }
    }

    private static final class Count extends RichMapFunction<String, Long> {
        private static final long serialVersionUID = 1;

        private final double seconds;
        private transient ValueState<Long> count;
        private transient Pace pace;

        Count(double seconds) {
            this.seconds = seconds;
        }

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
            pace = new Pace();
        }

        @Override
        public Long map(String word) throws Exception {
            pace.spend(seconds);
            Long before = count.value();
            long now = before == null ? 1 : before + 1;
            count.update(now);
            return now;
        }
    }
}
