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
import java.util.Objects;

/** Turns an exception into the sentence that a user reads. */
final class ErrorSentence {

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
        return message == null || message.isBlank() ? failure.toString() : message;
    }
}
