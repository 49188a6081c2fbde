package io.lethean.lem;

/** How a model writes calls of tools. The chat template teaches it one of these forms. */
public enum ToolCallFormat {
    /**
     * Hermes, Qwen 2.5 and 3, Granite 4 and others: {@code <tool_call>{"name": "f", "arguments": {"x": 1}}</tool_call>},
     * once for each call, anywhere in the answer.
     */
    HERMES,
    /**
     * Qwen3-Coder, Qwen 3.5 and others: {@code <tool_call><function=f><parameter=x>1</parameter></function></tool_call>}.
     */
    QWEN_XML,
    /**
     * Llama 3.1 to 3.3, and models that are asked for it in words, such as Gemma 3: the answer is
     * {@code {"name": "f", "parameters": {"x": 1}}}, with or without {@code <|python_tag|>} before it, or
     * {@code <|python_tag|>f.call(x=1)}.
     */
    LLAMA_JSON,
    /** Mistral: {@code [TOOL_CALLS][{"name": "f", "arguments": {"x": 1}}]} or {@code [TOOL_CALLS]f[ARGS]{"x": 1}}. */
    MISTRAL,
    /** Gemma 4 and FunctionGemma: {@code <|tool_call>call:f{x:1,city:<|"|>Rome<|"|>}<tool_call|>}. */
    GEMMA
}
