package io.lethean.lem.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;

/** Gives each command that asks for one in its constructor the console it writes to. */
record ConsoleFactory(Console console) implements CommandLine.IFactory {

    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Console.class) {
                return type.cast(constructor.newInstance(console));
            }
        }
        return CommandLine.defaultFactory().create(type);
    }
}
