package io.lethean.lem.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lem completion}: what makes a shell complete commands, options and their values. */
@Command(
        name = "completion",
        description = {
            "Print a script that makes a shell complete commands, options and values.",
            "bash: add 'source <(lem completion bash)' to ~/.bashrc. zsh: add 'source <(lem completion zsh)' to ~/.zshrc."
        })
final class CompletionCommand implements Callable<Integer> {

    /** The shells that can run the script; zsh runs it as bash would. */
    enum Shell {
        BASH,
        ZSH
    }

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell = Shell.BASH;

    CompletionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash("lem", spec.root().commandLine());
        console.out().print(shell == Shell.ZSH ? "autoload -Uz compinit && compinit\n" + script : script);
        return 0;
    }
}
