import java.security.Provider;
import java.security.SecureRandomSpi;
import java.util.SplittableRandom;

/** Random numbers for Java under wine, which lacks what Java's own need of Windows. Not secure; for checks only. */
public final class WineRandom extends Provider {

    public WineRandom() {
        super("WineRandom", "1", "random numbers that need nothing of Windows");
        put("SecureRandom.WineRandom", Numbers.class.getName());
    }

    public static final class Numbers extends SecureRandomSpi {
        private static final SplittableRandom SOURCE = new SplittableRandom();

        @Override
        protected void engineSetSeed(byte[] seed) {}

        @Override
        protected void engineNextBytes(byte[] bytes) {
            synchronized (SOURCE) {
                SOURCE.nextBytes(bytes);
            }
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            byte[] seed = new byte[count];
            engineNextBytes(seed);
            return seed;
        }
    }
}
