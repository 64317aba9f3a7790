package dhalion.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** Reads its partitions as fast as it may, and reports what waits in them as `pendingRecords`. */
final class OfferedReader implements SourceReader<String, Partition> {
    private static final long POLL_MS = 10;
    private static final int VOCABULARY = 4096;

    private final SourceReaderContext context;
    private final Controls controls;
    private final int partitions;
    private final int words;
    private final List<Partition> own = new ArrayList<>();
    private long readableUntil;
    private long readableAtMs;
    private int next;

    OfferedReader(SourceReaderContext context, Controls controls, int partitions, int words) {
        this.context = context;
        this.controls = controls;
        this.partitions = partitions;
        this.words = words;
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<Partition> splits) {
        // As Kafka's reader does: a subtask without partitions has no such gauge.
        if (own.isEmpty()) context.metricGroup().setPendingRecordsGauge(this::pendingRecords);
        synchronized (own) {
            own.addAll(splits);
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<String> output) throws IOException {
        long readable = readableOfEach();
        for (int tried = 0; tried < own.size(); tried += 1) {
            next = (next + 1) % own.size();
            Partition partition = own.get(next);
            if (partition.offset() >= readable) continue;
            // Flink counts what a source reads only if its reader does.
            context.metricGroup().getIOMetricGroup().getNumRecordsInCounter().inc();
            output.collect(sentenceAt(partition));
            synchronized (own) {
                own.set(next, new Partition(partition.number(), partition.offset() + 1));
            }
            return InputStatus.MORE_AVAILABLE;
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(POLL_MS, TimeUnit.MILLISECONDS));
    }

    @Override
    public List<Partition> snapshotState(long checkpoint) {
        return List.copyOf(own);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}

    /** The same every time it is read, but for the hot word. */
    private String sentenceAt(Partition partition) throws IOException {
        RandomGenerator random = new SplittableRandom(partition.offset() * partitions + partition.number());
        double hotShare = controls.hotShare();
        StringJoiner sentence = new StringJoiner(" ");
        for (int word = 0; word < words; word += 1) {
            sentence.add("word-" + (random.nextDouble() < hotShare ? 0 : random.nextInt(VOCABULARY)));
        }
        return sentence.toString();
    }

    /** Records in each partition so far. */
    private long readableOfEach() throws IOException {
        long nowMs = System.currentTimeMillis();
        if (nowMs != readableAtMs) {
            readableAtMs = nowMs;
            readableUntil = (long) (controls.offeredUntil(nowMs) / partitions);
        }
        return readableUntil;
    }

    /** Asked by the reporter's thread, which has no part in `readableOfEach`. */
    private long pendingRecords() {
        try {
            synchronized (own) {
                long readable = (long) (controls.offeredUntil(System.currentTimeMillis()) / partitions);
                return own.stream().mapToLong(partition -> Math.max(0, readable - partition.offset())).sum();
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
