package io.lethean.lem.cli;

import picocli.CommandLine.Option;

/** Whether existing files may be replaced. */
final class OverwriteOption {

    @Option(names = "--overwrite", description = "Replace output files that exist.")
    boolean given;
}
