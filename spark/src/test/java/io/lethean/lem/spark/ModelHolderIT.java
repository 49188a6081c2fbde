package io.lethean.lem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.spark.ModelHolder.Lease;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which models an executor keeps when tasks of several models overlap. */
@Timeout(60)
class ModelHolderIT {

    @TempDir
    private Path folder;

    private final NamedModel one = Nano.model(1);
    private final NamedModel two = Nano.model(2);

    /** Another thread that waits for a model. */
    private static FutureTask<Lease> waiting(ModelHolder holder, NamedModel model) throws InterruptedException {
        FutureTask<Lease> acquired = new FutureTask<>(() -> holder.acquire(model));
        Thread thread = Thread.ofPlatform().daemon().start(acquired);
        while (thread.getState() != Thread.State.WAITING && !acquired.isDone()) {
            Thread.sleep(5);
        }
        assertThat(acquired).as("it waits").isNotDone();
        return acquired;
    }

    @Test
    void modelThatWasUsedLastStays_andAnEarlierOneIsClosedByItsLastTask() throws Exception {
        ModelHolder holder = new ModelHolder(NamedModel::load);
        Lease first = holder.acquire(one);
        Lease again = holder.acquire(one);
        Lease second = holder.acquire(two);
        LemModel earlier = first.model();

        assertThat(again.model()).isSameAs(earlier);
        first.close();
        assertThat(holder.held()).as("a task still uses it").isEqualTo(2);
        again.close();
        assertThat(holder.held()).isEqualTo(1);
        assertThat(earlier.isClosed()).isTrue();
        second.close();
        assertThat(second.model().isClosed()).as("the model that was used last").isFalse();
        holder.releaseAll();
        assertThat(holder.held()).isZero();
        assertThat(holder.loads()).isEqualTo(2);
    }

    @Test
    void modelThatDoesNotFitNextToAnother_waitsForItsEnd() throws Exception {
        ModelHolder[] holder = new ModelHolder[1];
        holder[0] = new ModelHolder(model -> {
            if (holder[0].held() > 0) {
                throw new InsufficientMemoryException("Two do not fit.", 2, 1);
            }
            return model.load();
        });
        Lease first = holder[0].acquire(one);
        FutureTask<Lease> next = waiting(holder[0], two);

        first.close();

        try (Lease second = next.get(30, TimeUnit.SECONDS)) {
            assertThat(second.identity().parallel()).isEqualTo(2);
            assertThat(holder[0].held()).isEqualTo(1);
        }
        holder[0].releaseAll();
    }

    @Test
    void modelThatDoesNotFitAlone_isRefused() {
        ModelHolder holder = new ModelHolder(model -> {
            throw new InsufficientMemoryException("It does not fit.", 2, 1);
        });

        assertThatThrownBy(() -> holder.acquire(one)).isInstanceOf(InsufficientMemoryException.class);
    }

    /** A mapped file that was shortened makes a model as unusable as an assertion of ggml does. */
    @Test
    void modelThatIsLost_isLoadedAgain_whenItsTasksHaveEnded() throws Exception {
        Path file = folder.resolve("copy.gguf");
        ModelHolder holder = new ModelHolder(model -> {
            copy(file);
            return model.load();
        });
        copy(file);
        NamedModel model = new NamedModel("copy", file, List.of(), one.options());
        Lease lost = holder.acquire(model);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
        }
        assertThatThrownBy(lost.model()::requireUsable).isInstanceOf(IllegalStateException.class);

        FutureTask<Lease> next = waiting(holder, model);
        lost.close();

        try (Lease second = next.get(30, TimeUnit.SECONDS)) {
            second.model().requireUsable();
            assertThat(lost.model().isClosed()).isTrue();
            assertThat(holder.loads()).isEqualTo(2);
        }
        holder.releaseAll();
    }

    private static void copy(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.copy(Nano.FILE, file);
    }
}
