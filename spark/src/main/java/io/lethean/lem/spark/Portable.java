package io.lethean.lem.spark;

import io.lethean.lem.model.LoadProgress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes for another JVM that has the same classes.
 *
 * <p>Java's serialization takes neither records of this project nor {@code Optional} nor {@code Path}; here they are written
 * by their components. A listener of loading is left out: it belongs to the process that made it.
 */
final class Portable {

    private Portable() {}

    static byte[] write(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Writer writer = new Writer(bytes)) {
            writer.writeObject(value);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        }
        return bytes.toByteArray();
    }

    static <T> T read(Class<T> type, byte[] bytes) {
        try (Reader reader = new Reader(new ByteArrayInputStream(bytes))) {
            return type.cast(reader.readObject());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        } catch (ClassNotFoundException other) {
            throw new IllegalStateException("This JVM has another version of LEM: " + other.getMessage(), other);
        }
    }

    /** What the bytes have instead of a value that serialization does not take. */
    private interface Replacement extends Serializable {
        @Nullable
        Object value() throws ReflectiveOperationException;
    }

    private record PackedRecord(Class<?> type, @Nullable Object[] components) implements Replacement {
        @Override
        public Object value() throws ReflectiveOperationException {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(components);
        }
    }

    private record PackedOptional(@Nullable Object content) implements Replacement {
        @Override
        public Object value() {
            return Optional.ofNullable(content);
        }
    }

    private record PackedInt(@Nullable Integer content) implements Replacement {
        @Override
        public Object value() {
            return content == null ? OptionalInt.empty() : OptionalInt.of(content);
        }
    }

    private record PackedLong(@Nullable Long content) implements Replacement {
        @Override
        public Object value() {
            return content == null ? OptionalLong.empty() : OptionalLong.of(content);
        }
    }

    private record PackedDouble(@Nullable Double content) implements Replacement {
        @Override
        public Object value() {
            return content == null ? OptionalDouble.empty() : OptionalDouble.of(content);
        }
    }

    private record PackedPath(String path) implements Replacement {
        @Override
        public Object value() {
            return Path.of(path);
        }
    }

    private record SilentLoad() implements Replacement {
        @Override
        public Object value() {
            return (LoadProgress) fraction -> true;
        }
    }

    private static final class Writer extends ObjectOutputStream {
        Writer(OutputStream out) throws IOException {
            super(out);
            enableReplaceObject(true);
        }

        @Override
        protected Object replaceObject(Object value) throws IOException {
            return switch (value) {
                case Serializable serializable -> serializable;
                case Optional<?> optional -> new PackedOptional(optional.orElse(null));
                case OptionalInt number -> new PackedInt(number.isPresent() ? number.getAsInt() : null);
                case OptionalLong number -> new PackedLong(number.isPresent() ? number.getAsLong() : null);
                case OptionalDouble number -> new PackedDouble(number.isPresent() ? number.getAsDouble() : null);
                case Path path -> new PackedPath(path.toString());
                case LoadProgress progress -> new SilentLoad();
                case Record packed -> pack(packed);
                default -> value;
            };
        }

        private static PackedRecord pack(Record value) throws IOException {
            RecordComponent[] components = value.getClass().getRecordComponents();
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                try {
                    components[i].getAccessor().setAccessible(true);
                    values[i] = components[i].getAccessor().invoke(value);
                } catch (ReflectiveOperationException e) {
                    throw new IOException(value.getClass().getName() + " cannot be read: " + e, e);
                }
            }
            return new PackedRecord(value.getClass(), values);
        }
    }

    private static final class Reader extends ObjectInputStream {
        Reader(InputStream in) throws IOException {
            super(in);
            enableResolveObject(true);
        }

        /** By the loader of this class: a cluster loads the jars of an application by one of their own. */
        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, Portable.class.getClassLoader());
            } catch (ClassNotFoundException primitive) {
                return super.resolveClass(description);
            }
        }

        @Override
        protected @Nullable Object resolveObject(Object value) throws IOException {
            try {
                return value instanceof Replacement replacement ? replacement.value() : value;
            } catch (ReflectiveOperationException | RuntimeException e) {
                InvalidObjectException invalid =
                        new InvalidObjectException("This JVM has another version of LEM: " + e);
                invalid.initCause(e);
                throw invalid;
            }
        }
    }

    /** A value that Spark may serialize; each JVM reads it once. */
    static final class Box<T> implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        private final Class<T> type;
        private final byte[] bytes;
        private transient volatile @Nullable T value;

        Box(Class<T> type, T value) {
            this.type = type;
            this.bytes = write(value);
        }

        T value() {
            T present = value;
            if (present == null) {
                present = read(type, bytes);
                value = present;
            }
            return present;
        }
    }
}
