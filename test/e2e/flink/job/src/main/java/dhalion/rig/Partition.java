package dhalion.rig;

import java.nio.ByteBuffer;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A numbered share of what is offered, and how many records of it have been read: what a partition is to Kafka. */
record Partition(int number, long offset) implements SourceSplit {
    @Override
    public String splitId() {
        return "partition-" + number;
    }

    static final class Serializer implements SimpleVersionedSerializer<Partition> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Partition partition) {
            return ByteBuffer.allocate(Integer.BYTES + Long.BYTES).putInt(partition.number).putLong(partition.offset).array();
        }

        @Override
        public Partition deserialize(int version, byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Partition(buffer.getInt(), buffer.getLong());
        }
    }
}
