package io.lethean.lem.cli;

import io.lethean.lem.LemException;
import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Turns an exception into the sentence that a user reads. */
final class ErrorSentence {

    /** Java names in the library's messages, and the corresponding options. */
    private static final Map<String, String> OPTIONS = Map.of(
            "contextTokens", "--context",
            "batchTokens", "--batch",
            "maxTokens", "--max-tokens",
            "AdapterFiles.convertForced", "'lem adapter convert --force'");

    private static final Pattern JAVA_NAME = Pattern.compile("\\b(?:AdapterFiles\\.)?[a-z]+[A-Z]\\w*\\b");

    private ErrorSentence() {}

    static String of(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException wrapped -> of(Objects.requireNonNull(wrapped.getCause()));
            case NoSuchFileException missing -> ownWords(missing, "does not exist; check the path");
            case AccessDeniedException denied -> ownWords(denied, "may not be read or written by this user");
            case FileAlreadyExistsException there -> ownWords(there, "exists already");
            case NotDirectoryException file -> ownWords(file, "is a file, and a folder was expected");
            case DirectoryNotEmptyException full -> ownWords(full, "is a folder with files in it");
            case CharacterCodingException encoding ->
                "Standard input is not UTF-8 text; convert it, for example with iconv.";
            case FileSystemException sentence
            when String.valueOf(sentence.getReason()).endsWith(".") -> String.valueOf(sentence.getReason());
            case FileSystemException other
            when other.getReason() != null -> other.getFile() + " could not be used: " + other.getReason() + ".";
            case IOException full
            when AtomicFile.isFull(full) ->
                "A file could not be written: " + full.getMessage() + ". Free some space, and run the command again.";
            case IOException trouble -> said(trouble);
            case LemException ours -> said(ours);
            case IllegalArgumentException mistake -> said(mistake);
            case IllegalStateException mistake -> said(mistake);
            case OutOfMemoryError heap ->
                "Java's heap is full (" + heap.getMessage() + "); give it more with LEM_JAVA_OPTS=-Xmx8g.";
            default ->
                "This should not have happened: " + failure + ". Please report it with what 'lem --verbose' prints.";
        };
    }

    /** The JDK's file exceptions often carry the bare path as their message; ours carry a sentence. */
    private static String ownWords(FileSystemException failure, String what) {
        String reason = failure.getReason();
        return reason == null ? failure.getFile() + " " + what + "." : reason;
    }

    private static String said(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.toString() : inOptions(message);
    }

    private static String inOptions(String message) {
        return JAVA_NAME
                .matcher(message)
                .replaceAll((MatchResult name) -> OPTIONS.getOrDefault(name.group(), name.group()));
    }
}
