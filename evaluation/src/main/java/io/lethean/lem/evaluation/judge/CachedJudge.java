package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgePrompt;
import io.lethean.lem.evaluation.score.JudgeReply;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.OutputLock;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Saves the replies of a judge in a JSON Lines file, so that no request is sent twice.
 *
 * <p>A reply is kept under the judge's name, the suite with its wording's version, and the whole prompt. It is on the
 * disk before it is used. Failures and replies without usable ratings are not kept, and not used if an older file has
 * them. A line that a kill cut short is dropped when the file is next opened; other lines that cannot be read are
 * skipped.
 *
 * <p>Safe for use by several threads; a file belongs to one instance at a time, enforced by a lock file next to it.
 */
public final class CachedJudge implements Judge, Closeable {

    private final Judge judge;
    private final Map<String, String> replies = new ConcurrentHashMap<>();
    private final Path file;
    private final OutputLock lock;
    private final FileChannel channel;
    private final AtomicInteger asked = new AtomicInteger();

    /**
     * Opens or creates the file before a judge.
     *
     * @param judge who answers what the file does not have
     * @param file the cache, a file of JSON lines
     * @throws io.lethean.lem.evaluation.BenchmarkException if another process or instance uses it
     * @throws IOException if it cannot be read, or holds something else, which is then left as it is
     */
    public CachedJudge(Judge judge, Path file) throws IOException {
        this.judge = judge;
        this.file = file;
        lock = OutputLock.acquire(file);
        try {
            long kept = Files.exists(file) ? read(file) : 0;
            requireOurs(file, kept);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(kept);
            channel.position(kept);
        } catch (IOException | RuntimeException | Error failed) {
            lock.close();
            throw failed;
        }
    }

    private long read(Path file) throws IOException {
        long kept = 0;
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null && line.isComplete(); line = reader.next()) {
                kept = line.end();
                SavedReply.read(line).ifPresent(saved -> replies.put(saved.key(), saved.reply()));
            }
        }
        return kept;
    }

    /** Nothing is cut off a file that was named by mistake. */
    private static void requireOurs(Path file, long kept) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String first = beginning(in, 0);
            String cut = kept == 0 ? first : beginning(in, kept - SavedReply.LINE_BEGIN.length());
            if (!SavedReply.LINE_BEGIN.startsWith(first) || !SavedReply.LINE_BEGIN.startsWith(cut)) {
                throw new IOException(file + " holds something else than what a judge said; choose another file.");
            }
        }
    }

    private static String beginning(InputStream in, long skip) throws IOException {
        in.skipNBytes(Math.max(0, skip));
        return new String(in.readNBytes(SavedReply.LINE_BEGIN.length()), StandardCharsets.ISO_8859_1);
    }

    @Override
    public String name() {
        return judge.name();
    }

    /** {@return how many questions had to be put since the file was opened} */
    public int asked() {
        return asked.get();
    }

    @Override
    public JudgeReply ask(JudgePrompt prompt) {
        String key = Sha256.of(PythonJson.write(List.of(judge.name(), prompt.version(), prompt.text())));
        String known = replies.get(key);
        if (known != null && prompt.accepts(known)) {
            return new JudgeReply.Text(known);
        }
        asked.incrementAndGet();
        JudgeReply reply = judge.ask(prompt);
        if (reply instanceof JudgeReply.Text(String text) && prompt.accepts(text)) {
            write(key, prompt, text);
            replies.put(key, text);
        }
        return reply;
    }

    private synchronized void write(String key, JudgePrompt prompt, String reply) {
        SavedReply saved = new SavedReply(key, judge.name(), prompt.version(), reply);
        ByteBuffer bytes = ByteBuffer.wrap(saved.line().getBytes(StandardCharsets.US_ASCII));
        try {
            AtomicFile.writeAll(channel, bytes);
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException("What the judge said cannot be kept.", AtomicFile.named(file, e));
        }
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            channel.close();
        }
    }
}
