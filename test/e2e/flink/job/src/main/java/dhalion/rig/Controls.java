package dhalion.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;

/**
 * What the person at the controls wants, read from a folder while the job runs; a file is replaced as a whole when it
 * changes. Asked by a task and by the reporter at once. `load` has a line for every change of the offered rate, `<unix ms> <records/s>`; `trouble` has lines `hot
 * <share>`, the share of all words that are one and the same; `slow <subtask> <factor>`, a subtask of split that takes so
 * many times as long; and `cramped <instances> <factor>`, that with fewer instances every one of split takes so many times
 * as long, as when its share of the state no longer fits its cache. Without `trouble` there is none.
 */
final class Controls {
    private static final long LOOK_EVERY_NANOS = 200_000_000L;

    private final Path loadFile;
    private final Path troubleFile;
    private long nextLookNanos = System.nanoTime();
    private FileTime loadStamp;
    private FileTime troubleStamp;

    private long[] changedAtMs = {};
    private double[] recordsPerSecond = {};
    private double hotShare;
    private int slowSubtask = -1;
    private double slowFactor = 1;
    private int roomyFrom;
    private double crampedFactor = 1;

    Controls(String folder) {
        loadFile = Path.of(folder, "load");
        troubleFile = Path.of(folder, "trouble");
    }

    /** Records offered from the first line of `load` until a moment, whether anybody reads them or not. */
    synchronized double offeredUntil(long nowMs) throws IOException {
        look();
        double records = 0;
        for (int index = 0; index < changedAtMs.length; index += 1) {
            long untilMs = index + 1 < changedAtMs.length ? Math.min(changedAtMs[index + 1], nowMs) : nowMs;
            records += Math.max(0, untilMs - changedAtMs[index]) / 1000.0 * recordsPerSecond[index];
        }
        return records;
    }

    synchronized double hotShare() throws IOException {
        look();
        return hotShare;
    }

    /** How many times as long a subtask of split takes. */
    synchronized double slowness(int subtask, int parallelism) throws IOException {
        look();
        return (subtask == slowSubtask ? slowFactor : 1) * (parallelism < roomyFrom ? crampedFactor : 1);
    }

    private void look() throws IOException {
        if (System.nanoTime() < nextLookNanos) return;
        nextLookNanos = System.nanoTime() + LOOK_EVERY_NANOS;
        FileTime load = stampOf(loadFile);
        if (load != null && !load.equals(loadStamp)) readLoad(Files.readAllLines(loadFile));
        loadStamp = load;
        FileTime trouble = stampOf(troubleFile);
        if (trouble == null) readTrouble(List.of());
        else if (!trouble.equals(troubleStamp)) readTrouble(Files.readAllLines(troubleFile));
        troubleStamp = trouble;
    }

    private void readLoad(List<String> lines) {
        changedAtMs = lines.stream().mapToLong(line -> Long.parseLong(line.split(" ")[0])).toArray();
        recordsPerSecond = lines.stream().mapToDouble(line -> Double.parseDouble(line.split(" ")[1])).toArray();
    }

    private void readTrouble(List<String> lines) {
        hotShare = 0;
        slowSubtask = -1;
        slowFactor = 1;
        roomyFrom = 0;
        crampedFactor = 1;
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "hot" -> hotShare = Double.parseDouble(words[1]);
                case "slow" -> {
                    slowSubtask = Integer.parseInt(words[1]);
                    slowFactor = Double.parseDouble(words[2]);
                }
                case "cramped" -> {
                    roomyFrom = Integer.parseInt(words[1]);
                    crampedFactor = Double.parseDouble(words[2]);
                }
                default -> throw new IllegalArgumentException(troubleFile + ": no trouble: " + line);
            }
        }
    }

    private static FileTime stampOf(Path file) throws IOException {
        return Files.exists(file) ? Files.getLastModifiedTime(file) : null;
    }
}
