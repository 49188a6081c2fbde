package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChildJvm;
import io.lethean.lem.Fixtures;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A failed assertion of ggml costs the model it happened in, not the process. Each case in a JVM of its own. */
class AbortGuardIT {

    private static ChildJvm child(String scenario) {
        Path model = Fixtures.require("models/stories260K-f32.gguf");
        return ChildJvm.run(Scenarios.class, scenario, model.toString());
    }

    @Test
    void onTheModelsThread_theCallerGetsAnException_andOtherModelsWork() {
        ChildJvm child = child("own");
        assertThat(child.output())
                .contains("caught NativeCallException", "GGML_ASSERT", "closed", "another model: , there was");
        assertThat(child.exitCode()).as(child.output()).isZero();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no pthread_create")
    void onANativePoolsThread_theWaitingCallerGetsAnException() {
        ChildJvm child = child("pool");
        assertThat(child.output()).contains("caught NativeCallException", "GGML_ASSERT", "another model: , there was");
        assertThat(child.exitCode()).as(child.output()).isZero();
    }

    @Test
    void onAnyOtherThread_theProcessEndsAsWithoutTheGuard() {
        ChildJvm child = child("foreign");
        assertThat(child.output()).contains("GGML_ASSERT").doesNotContain("not reached");
        assertThat(child.exitCode()).isNotZero();
    }

    /** What the child runs. */
    static final class Scenarios {

        private Scenarios() {}

        public static void main(String[] arguments) throws Throwable {
            Path path = Path.of(arguments[1]);
            switch (arguments[0]) {
                case "own" -> own(path);
                case "pool" -> pool(path);
                default -> foreign(path);
            }
        }

        private static void own(Path path) throws Exception {
            LemModel model = LemModel.load(path, LemModelIT.ONE_THREAD);
            model.requireUsable();
            expectDeath(model, () -> model.generate("a", GenerationOptions.defaults(), piece -> failAssertion()));
            expectDeath(model, model::requireUsable);
            expectDeath(model, () -> model.generate("a", GenerationOptions.defaults()));
            model.close();
            System.out.println("closed");
            another(path);
        }

        private static void pool(Path path) throws Throwable {
            LemModel model = LemModel.load(path, LemModelIT.ONE_THREAD);
            CountDownLatch never = new CountDownLatch(1);
            expectDeath(
                    model,
                    () -> model.generate("a", GenerationOptions.defaults(), piece -> {
                        failAssertionOnNativeThread();
                        waitFor(never);
                    }));
            another(path);
        }

        private static void foreign(Path path) throws Exception {
            try (LemModel model = LemModel.load(path, LemModelIT.ONE_THREAD)) {
                failAssertion();
                System.out.println("not reached " + model);
            }
        }

        private static void expectDeath(LemModel model, Runnable call) {
            try {
                call.run();
                throw new AssertionError("no exception");
            } catch (NativeCallException e) {
                System.out.println("caught NativeCallException " + e.getMessage());
            }
        }

        private static void another(Path path) throws Exception {
            try (LemModel model = LemModel.load(path, LemModelIT.ONE_THREAD)) {
                Generation text = model.generate(
                        "Once upon a time",
                        GenerationOptions.builder().maxTokens(5).build());
                System.out.println("another model: " + text.text());
            }
        }

        /** This function asserts that its argument is not NULL. */
        private static void failAssertion() {
            LlamaCpp.ggml_backend_reg_name(MemorySegment.NULL);
        }

        private static void failAssertionOnNativeThread() {
            Linker linker = Linker.nativeLinker();
            MethodHandle create = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("pthread_create"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS));
            try (Arena arena = Arena.ofConfined()) {
                int code = (int) create.invokeExact(
                        arena.allocate(8),
                        MemorySegment.NULL,
                        LlamaCpp.ggml_backend_reg_name$address(),
                        MemorySegment.NULL);
                assertThat(code).isZero();
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        private static void waitFor(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
