package io.lethean.lem.cli;

import io.lethean.lem.LemVersion;
import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version} without loading native code. */
final class VersionProvider implements IVersionProvider {

    VersionProvider() {}

    @Override
    public String[] getVersion() {
        return new String[] {"lem " + LemVersion.VERSION};
    }
}
