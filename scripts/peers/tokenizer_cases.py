"""Folders with tokenizers of every kind that LEM converts, made from vocabularies at hand."""

import json
import pathlib
import shutil

import gguf

GPT2 = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
BYTES = GPT2 | {"use_regex": False}
DIGITS = {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, GPT2]}


def split(regex):
    pattern = {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [pattern, BYTES]}


LLAMA3 = split(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
               r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = split(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
              r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN35 = split(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
               r"|\s*[\r\n]+|\s+(?!\S)|\s+")

SPECIAL = {3}
ADDED = {3, 4}


class Vocabulary:
    """The tokens and merges of one of llama.cpp's vocabulary files."""

    def __init__(self, source, name):
        fields = gguf.GGUFReader(source / "models" / f"ggml-vocab-{name}.gguf").fields
        self.value = lambda key: fields[key].contents() if key in fields else None
        self.tokens = self.value("tokenizer.ggml.tokens")
        self.types = self.value("tokenizer.ggml.token_type")
        self.merges = self.value("tokenizer.ggml.merges") or []
        self.scores = self.value("tokenizer.ggml.scores")

    def special(self, kind):
        at = self.value(f"tokenizer.ggml.{kind}_token_id")
        return self.tokens[at] if at is not None else None

    def added(self):
        return [{"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
                 "normalized": False, "special": kind in SPECIAL}
                for i, (token, kind) in enumerate(zip(self.tokens, self.types, strict=True)) if kind in ADDED]


def template(begin):
    """A post-processor that puts a token before the text."""
    text = [{"SpecialToken": {"id": begin[0], "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    pair = text + [{"SpecialToken": {"id": begin[0], "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}]
    return {"type": "TemplateProcessing", "single": text, "pair": pair,
            "special_tokens": {begin[0]: {"id": begin[0], "ids": [begin[1]], "tokens": [begin[0]]}}}


def byte_pairs(vocabulary, pre_tokenizer, **changes):
    """A tokenizer.json; tokens that follow the vocabulary without a gap are added tokens only."""
    added = vocabulary.added()
    last = len(vocabulary.tokens)
    while last and vocabulary.types[last - 1] in ADDED:
        last -= 1
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": pre_tokenizer, "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {token: i for i, token in enumerate(vocabulary.tokens[:last])},
                      "merges": [merge.split(" ") for merge in vocabulary.merges]}} | changes


class Cases:
    """Writes a folder for each case and keeps the request for LEM."""

    def __init__(self, work):
        shutil.rmtree(work, ignore_errors=True)
        self.work = work
        self.all = []

    def add(self, name, family, config, files, pre=None):
        """A case; a named pre-tokenizer is given to both sides, where no table has a name for the tokenizer."""
        folder = self.work / name
        folder.mkdir(parents=True)
        for file, content in (files | {"config.json": config}).items():
            path = folder / file
            path.parent.mkdir(exist_ok=True)
            if isinstance(content, pathlib.Path):
                shutil.copyfile(content, path)
            else:
                path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        self.all.append({"name": name, "folder": str(folder), "family": family, "pre": pre} |
                        {key: config[key] for key in ("vocab_size", "type_vocab_size") if key in config})


def config(architecture, model_type, vocab_size, **more):
    return {"architectures": [architecture], "model_type": model_type, "vocab_size": vocab_size, "hidden_size": 32,
            "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
            "bos_token_id": None, "eos_token_id": None, "pad_token_id": None} | more


def llama(vocab_size, **more):
    return config("LlamaForCausalLM", "llama", vocab_size, **more)


def qwen2(vocab_size, **more):
    return config("Qwen2ForCausalLM", "qwen2", vocab_size, **more)


def add_byte_pairs(cases, source):
    v = Vocabulary(source, "llama-bpe")
    bos, eos = v.special("bos"), v.special("eos")
    plain = {"bos_token": bos, "eos_token": eos, "tokenizer_class": "PreTrainedTokenizerFast"}
    post = {"type": "Sequence", "processors": [GPT2, template((bos, v.tokens.index(bos)))]}
    tokenizer = byte_pairs(v, LLAMA3, post_processor=post)
    tokenizer["model"]["ignore_merges"] = True
    size = len(v.tokens)
    cases.add("llama3", "LLAMA", llama(size, eos_token_id=[128001, 128009], bos_token_id=128000),
              {"tokenizer.json": tokenizer, "tokenizer_config.json": plain | {"chat_template": "{{ 'x' }}"}})
    old = dict(tokenizer, model=dict(tokenizer["model"], merges=[" ".join(m) for m in tokenizer["model"]["merges"]]))
    cases.add("llama3-old-merges", "LLAMA", llama(size + 64, pad_token_id=128004),
              {"tokenizer.json": old, "tokenizer_config.json": plain | {
                  "chat_template": [{"name": "default", "template": "D"}, {"name": "tool-use", "template": "T"}],
                  "pad_token": {"content": "<|finetune_right_pad_id|>", "__type": "AddedToken"}}})
    cases.add("llama3-without-bos", "LLAMA", llama(size),
              {"tokenizer.json": dict(tokenizer, post_processor=None), "tokenizer_config.json": plain})
    cases.add("llama3-without-config", "LLAMA", llama(size), {"tokenizer.json": tokenizer})
    cases.add("llama3-class-llama", "LLAMA", llama(size, bos_token_id=128000),
              {"tokenizer.json": tokenizer,
               "tokenizer_config.json": plain | {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}})

    v = Vocabulary(source, "qwen2")
    size = len(v.tokens)
    names = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "bos_token": None, "unk_token": None,
             "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "add_prefix_space": False,
             "tokenizer_class": "Qwen2Tokenizer"}
    tokenizer = byte_pairs(v, QWEN2, normalizer={"type": "NFC"}, post_processor=GPT2)
    files = {"tokenizer.json": tokenizer, "tokenizer_config.json": names, "chat_template.jinja": "{{ 'main' }}",
             "additional_chat_templates/tool_use.jinja": "{{ 'tools' }}"}
    cases.add("qwen2", "QWEN", qwen2(size + 200, eos_token_id=151645), files)
    cases.add("qwen3", "QWEN", config("Qwen3ForCausalLM", "qwen3", size, head_dim=8), files)
    changed = byte_pairs(v, split(r"\p{L}+|\p{N}|[^\s\p{L}\p{N}]+|\s+"), normalizer={"type": "NFC"})
    cases.add("qwen2-regex-changed", "QWEN", qwen2(size), files | {"tokenizer.json": changed})
    cases.add("qwen2-regex-changed-in-llama", "LLAMA", llama(size), {
        "tokenizer.json": changed, "tokenizer_config.json": names | {"tokenizer_class": "PreTrainedTokenizerFast"}})

    v = Vocabulary(source, "qwen35")
    cases.add("qwen35", "QWEN", config("Qwen3ForCausalLM", "qwen3", len(v.tokens), head_dim=8), {
        "tokenizer.json": byte_pairs(v, QWEN35, normalizer={"type": "NFC"}),
        "tokenizer_config.json": {"tokenizer_class": "TokenizersBackend", "eos_token": "<|im_end|>"}})

    for name, pre in (("gpt-2", GPT2), ("refact", DIGITS), ("starcoder", DIGITS)):
        v = Vocabulary(source, name)
        names = {kind + "_token": v.special(kind) for kind in ("bos", "eos")}
        cases.add(name, "LLAMA", llama(len(v.tokens)), {
            "tokenizer.json": byte_pairs(v, pre),
            "tokenizer_config.json": names | {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False},
            "chat_template.json": {"chat_template": "{{ 'from json' }}"}})


def add_unusual(cases, source):
    """Added tokens that transformers changes, and post-processors of other forms."""
    v = Vocabulary(source, "gpt-2")
    size = len(v.tokens)
    tokenizer = byte_pairs(v, GPT2)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    texts = ["<|odd|>", "café", "▁▁q", "a b", "<unused7>", "[PAD]", "Ġunquotedly"]
    tokenizer["added_tokens"] += [flags | {"id": size + i, "content": text} for i, text in enumerate(texts)]
    tokenizer["added_tokens"][-1]["normalized"] = True
    tokenizer["added_tokens"].insert(0, flags | {"id": v.tokens.index("Ġquoted"), "content": "Ġquoted"})
    roberta = {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True,
               "add_prefix_space": False}
    names = {"tokenizer_class": "TokenizersBackend", "pad_token": "[PAD]"}
    cases.add("added-tokens", "LLAMA", llama(size + 12),
              {"tokenizer.json": tokenizer, "tokenizer_config.json": names | {"eos_token": "<|endoftext|>"}})
    cases.add("decoder-in-config", "LLAMA", llama(size + 12), {
        "tokenizer.json": tokenizer,
        "tokenizer_config.json": names | {
            "added_tokens_decoder": {str(size + 3): flags | {"content": "a b", "special": True}},
            "chat_template": None}})
    cases.add("special-map", "LLAMA", llama(size + 12), {
        "tokenizer.json": tokenizer, "tokenizer_config.json": names, "generation_config.json": {"eos_token_id": 3},
        "special_tokens_map.json": {"eos_token": {"content": "a b", "lstrip": False}, "unk_token": "Ġthe"},
        "chat_template.json": {"chat_template": [{"name": "rag", "template": "R"}]}})
    cases.add("roberta-post", "LLAMA", llama(size + 12), {
        "tokenizer.json": dict(tokenizer, post_processor=roberta), "tokenizer_config.json": names}, pre="gpt-2")
    cases.add("roberta-post-without-names", "LLAMA", llama(size + 12), {
        "tokenizer.json": dict(tokenizer, post_processor=roberta), "tokenizer_config.json": {
            "tokenizer_class": "TokenizersBackend", "cls_token": "<|odd|>", "sep_token": "a b"}}, pre="gpt-2")
    end = template(("<|endoftext|>", v.tokens.index("<|endoftext|>")))
    end = end | {"single": end["single"] + [{"SpecialToken": {"id": "<|odd|>", "type_id": 0}}],
                 "special_tokens": end["special_tokens"] | {
                     "<|odd|>": {"id": "<|odd|>", "ids": [size], "tokens": ["<|odd|>"]}}}
    cases.add("other-eos-in-post", "LLAMA", llama(size + 12), {
        "tokenizer.json": dict(tokenizer, post_processor=end),
        "tokenizer_config.json": names | {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}}, pre="gpt-2")
    cases.add("other-eos-without-config", "LLAMA", llama(size + 12, eot_token_id=7), {
        "tokenizer.json": dict(tokenizer, post_processor=end)}, pre="gpt-2")
    pair = template(("<|odd|>", size))
    pair = pair | {"pair": pair["single"] + [{"SpecialToken": {"id": "a b", "type_id": 0}},
                                             {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": pair["special_tokens"] | {
                       "a b": {"id": "a b", "ids": [size + 3], "tokens": ["a b"]}}}
    cases.add("separator-in-post", "LLAMA", llama(size + 12), {
        "tokenizer.json": dict(tokenizer, post_processor=pair),
        "tokenizer_config.json": names | {"cls_token": "<|odd|>", "sep_token": "a b"}}, pre="gpt-2")
    lower = {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]}
    cases.add("lowercase", "LLAMA", llama(size + 12), {
        "tokenizer.json": dict(tokenizer, normalizer=lower), "tokenizer_config.json": names}, pre="gpt-2")


def add_sentence_pieces(cases, fixtures):
    model = fixtures / "hf" / "llama3-spm" / "tokenizer.model"
    names = {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    decoder = {"0": {"content": "<unk>", "special": True}, "2": {"content": "</s>", "special": True},
               "32770": {"content": "▁▁x", "special": False}, "32771": {"content": "<|im_start|>", "special": False},
               "40000": {"content": "<too far>", "special": False}}
    cases.add("spm-added", "LLAMA", llama(32800, bos_token_id=1, eos_token_id=[2, 3]), {
        "tokenizer.model": model, "added_tokens.json": {"<a>": 32768, "<b>": 32769, "<far>": 50000},
        "tokenizer_config.json": names | {"added_tokens_decoder": decoder, "add_prefix_space": True,
                                          "add_bos_token": True, "add_sep_token": False}})
    cases.add("spm-mistral", "LLAMA", config("MistralForCausalLM", "mistral", 32768), {
        "tokenizer.model": model, "tokenizer_config.json": names | {"chat_template": "{{ bos_token }}"}})
    cases.add("spm-qwen2", "QWEN", qwen2(32768, eos_token_id=2), {"tokenizer.model": model})
    cases.add("spm-gemma2", "GEMMA2", config("Gemma2ForCausalLM", "gemma2", 32768, head_dim=8), {
        "tokenizer.model": model, "tokenizer_config.json": names})
    cases.add("spm-gemma3", "GEMMA3", config("Gemma3ForCausalLM", "gemma3_text", 32896, head_dim=8), {
        "tokenizer.model": model,
        "tokenizer_config.json": names | {"added_tokens_decoder": {
            str(i): {"content": text, "special": False}
            for i, text in ((5, "<mask>"), (32768, "<unused1>"), (32769, "\n\n"), (32770, "▁▁"))}},
        "chat_template.json": {"chat_template": "{{ bos_token }}gemma"}})
    cases.add("codellama", "LLAMA", llama(32016), {
        "tokenizer.model": fixtures / "models" / "hf-stories260K" / "tokenizer.model", "tokenizer_config.json": names})


def add_byte_fallback(cases, source):
    v = Vocabulary(source, "gemma-4")
    fallback = {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
    tokenizer = byte_pairs(v, {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious",
                               "invert": False}, decoder=fallback,
                           normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "▁"})
    tokenizer["model"] |= {"vocab": {token: i for i, token in enumerate(v.tokens)}, "byte_fallback": True,
                           "fuse_unk": True, "unk_token": "<unk>"}
    halves = [merge.rsplit(" ", 1) if merge.startswith(" ") else merge.split(" ", 1) for merge in v.merges]
    tokenizer["model"]["merges"] = halves
    names = {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<pad>",
             "mask_token": "<mask>", "tokenizer_class": "GemmaTokenizer", "image_token": "<|image|>",
             "extra_special_tokens": {"boi_token": "<|image>"}}
    more = {"num_kv_shared_layers": 0, "head_dim": 8}
    cases.add("gemma4", "GEMMA4", config("Gemma4ForCausalLM", "gemma4_text", len(v.tokens), **more), {
        "tokenizer.json": tokenizer, "tokenizer_config.json": names, "chat_template.jinja": "{{ 'four' }}"})
    cases.add("gemma3-without-model", "GEMMA3",
              config("Gemma3ForCausalLM", "gemma3_text", len(v.tokens), head_dim=8),
              {"tokenizer.json": tokenizer, "tokenizer_config.json": names})
    v = Vocabulary(source, "llama-spm")
    tokenizer = byte_pairs(v, None, decoder=fallback, normalizer={"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        post_processor=template(("<s>", 1)))
    known = {token: i for i, token in enumerate(v.tokens)}
    pairs = sorted((i, token[:at], token[at:]) for token, i in known.items() for at in range(1, len(token))
                   if token[:at] in known and token[at:] in known and i > 258)
    tokenizer["model"] |= {"vocab": known, "byte_fallback": True, "fuse_unk": True, "unk_token": "<unk>",
                           "merges": [[left, right] for _, left, right in pairs]}
    tokenizer["added_tokens"] = [{"id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False,
                                  "normalized": False, "special": special}
                                 for i, text, special in ((0, "<unk>", True), (1, "<s>", True), (2, "</s>", True),
                                                          (32000, "<|tool|>", True), (32001, "<pad>", False))]
    files = {"tokenizer.json": tokenizer, "tokenizer_config.json": {
        "tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "add_bos_token": True,
        "pad_token": "<pad>"}}
    cases.add("llama-hf", "LLAMA", llama(32002), files)
    cases.add("mistral-hf", "LLAMA", config("MistralForCausalLM", "mistral", 32002), files)


def add_word_pieces(cases, source):
    v = Vocabulary(source, "bert-bge")
    tokens = [token if kind == 3 else token[1:] if token.startswith("▁") else "##" + token
              for token, kind in zip(v.tokens, v.types, strict=True)]
    special = [token for token, kind in zip(tokens, v.types, strict=True) if kind == 3]
    tokenizer = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [
        {"id": tokens.index(text), "content": text, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True} for text in special],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": [
            {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}}], "pair": [
            {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {text: {"id": text, "ids": [tokens.index(text)], "tokens": [text]}
                               for text in ("[CLS]", "[SEP]")}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {token: i for i, token in enumerate(tokens)}}}
    names = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
             "mask_token": "[MASK]", "do_lower_case": True, "tokenizer_class": "BertTokenizer"}
    bert = config("BertModel", "bert", len(tokens), type_vocab_size=2, pad_token_id=0)
    cases.add("bert", "BERT", bert, {"tokenizer.json": tokenizer, "tokenizer_config.json": names})
    cases.add("bert-vocab-txt", "BERT", bert | {"vocab_size": len(tokens) + 8}, {
        "vocab.txt": "\n".join(tokens) + "\n", "tokenizer_config.json": names})


def write(work, source, fixtures):
    cases = Cases(work)
    add_byte_pairs(cases, source)
    add_unusual(cases, source)
    add_sentence_pieces(cases, fixtures)
    add_byte_fallback(cases, source)
    add_word_pieces(cases, source)
    return cases.all
