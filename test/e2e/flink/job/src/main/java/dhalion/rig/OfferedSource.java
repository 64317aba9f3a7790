package dhalion.rig;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Sentences from partitions that fill at the offered rate, whether they are read or not, as those of a message broker do. */
final class OfferedSource implements Source<String, Partition, Boolean> {
    private static final long serialVersionUID = 1;

    private final String controls;
    private final int partitions;
    private final int words;

    /** @param words of each sentence */
    OfferedSource(String controls, int partitions, int words) {
        this.controls = controls;
        this.partitions = partitions;
        this.words = words;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<String, Partition> createReader(SourceReaderContext context) {
        return new OfferedReader(context, new Controls(controls), partitions, words);
    }

    @Override
    public SplitEnumerator<Partition, Boolean> createEnumerator(SplitEnumeratorContext<Partition> context) {
        return new PartitionAssigner(context, partitions, false);
    }

    @Override
    public SplitEnumerator<Partition, Boolean> restoreEnumerator(
            SplitEnumeratorContext<Partition> context, Boolean isDealt) {
        return new PartitionAssigner(context, partitions, isDealt);
    }

    @Override
    public SimpleVersionedSerializer<Partition> getSplitSerializer() {
        return new Partition.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<Boolean> getEnumeratorCheckpointSerializer() {
        return new PartitionAssigner.Serializer();
    }
}
