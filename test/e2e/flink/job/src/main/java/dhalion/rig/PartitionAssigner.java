package dhalion.rig;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Deals the partitions out once all readers are there; a restored job's readers have theirs in their state. */
final class PartitionAssigner implements SplitEnumerator<Partition, Boolean> {
    private final SplitEnumeratorContext<Partition> context;
    private final Set<Integer> readers = new TreeSet<>();
    private final int partitions;
    private boolean isDealt;

    PartitionAssigner(SplitEnumeratorContext<Partition> context, int partitions, boolean isDealt) {
        this.context = context;
        this.partitions = partitions;
        this.isDealt = isDealt;
    }

    @Override
    public void start() {}

    @Override
    public void addReader(int subtask) {
        readers.add(subtask);
        if (isDealt || readers.size() < context.currentParallelism()) return;
        isDealt = true;
        for (int number = 0; number < partitions; number += 1) {
            context.assignSplit(new Partition(number, 0), number % context.currentParallelism());
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<Partition> splits, int subtask) {
        splits.forEach(split -> context.assignSplit(split, subtask));
    }

    @Override
    public Boolean snapshotState(long checkpoint) {
        return isDealt;
    }

    @Override
    public void close() {}

    static final class Serializer implements SimpleVersionedSerializer<Boolean> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Boolean isDealt) {
            return new byte[] {(byte) (isDealt ? 1 : 0)};
        }

        @Override
        public Boolean deserialize(int version, byte[] bytes) {
            return bytes[0] == 1;
        }
    }
}
