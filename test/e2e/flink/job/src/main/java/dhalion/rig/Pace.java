package dhalion.rig;

/** Work that takes its time without taking a core: it sleeps for as long as it would have worked. */
final class Pace {
    /** Shorter sleeps are saved up: the kernel wakes nobody on the microsecond. */
    private static final long SHORTEST_SLEEP_NANOS = 2_000_000L;
    /** What a busy machine overslept is made up for, but no pause becomes a burst. */
    private static final long LONGEST_LEAD_NANOS = 100_000_000L;

    private long owedNanos;

    void spend(double seconds) throws InterruptedException {
        owedNanos += (long) (seconds * 1e9);
        if (owedNanos < SHORTEST_SLEEP_NANOS) return;
        long startedNanos = System.nanoTime();
        Thread.sleep(owedNanos / 1_000_000L, (int) (owedNanos % 1_000_000L));
        owedNanos = Math.max(owedNanos - (System.nanoTime() - startedNanos), -LONGEST_LEAD_NANOS);
    }
}
