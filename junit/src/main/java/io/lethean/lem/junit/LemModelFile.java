package io.lethean.lem.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The model of the tests of a class or of one method.
 *
 * <p>Methods and constructors may have a parameter of type {@code LemModel}; {@link LemTest} uses the same model. A file is loaded
 * once for each combination of these attributes, when it is first needed, is shared by all tests of the run, also in parallel, and is
 * closed at the end of the run. Tests must not close it. Nested classes have the model of the class around them, and subclasses that
 * of their superclass, unless they have their own annotation; one on a method comes before one on a class.
 *
 * <p>If the model does not exist, the tests are aborted, or fail where the variable {@code CI} is set; the configuration parameter
 * {@code lem.junit.missing-model} ({@code abort} or {@code fail}) decides otherwise. A file that exists and is not a model is a failure.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(LemModelExtension.class)
public @interface LemModelFile {

    /**
     * {@return the GGUF file, or its name on the Hugging Face hub such as {@code hf:org/name:Q4_K_M}, which may use the network} Without
     * a value it is the configuration parameter {@code lem.junit.model}.
     */
    String value() default "";

    /** {@return adapters that are applied to it, as paths or names on the hub} */
    String[] adapters() default {};

    /** {@return tokens that prompt and answer may have together; 0 for what the model was trained for, at most 8192} */
    int contextTokens() default 0;

    /** {@return answers that are generated in parallel} */
    int parallel() default 1;

    /** {@return threads that generate; 0 leaves one processor free} */
    int threads() default 0;

    /** {@return {@code auto}, {@code cpu} or the name of a device} */
    String device() default "auto";
}
