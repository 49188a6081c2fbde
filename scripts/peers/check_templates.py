"""Conversations rendered by LEM and by transformers' apply_chat_template."""

import copy
import html
import pathlib
import subprocess

import gguf
import jinja2
import transformers

import lem
import real_models

CONVERSATIONS = [
    [("user", "Hello, who are you?")],
    [("system", "You are kind."), ("user", "Hello")],
    [("user", "One"), ("assistant", "Two"), ("user", "Three")],
    [("system", "Line\n\nline "), ("user", "  spaces \n"), ("assistant", "\n answer\n"), ("user", "end")],
    [("user", "Grüße, 日本 😀 <|im_end|> {{ x }} {% y %} \\ \"quoted\" 'single'"), ("assistant", "x"), ("user", "")],
    [("system", ""), ("user", "x"), ("assistant", ""), ("user", "y")],
    [("user", "1" * 3000), ("assistant", "a\tb\r\nc"), ("user", "</s> <s> [INST] [/INST]")],
]

TOOLS = [
    {"type": "function", "function": {
        "name": "get_weather", "description": "Says the \"weather\" of a city.",
        "parameters": {"type": "object", "required": ["city"], "properties": {
            "city": {"type": "string", "description": "Name ü"}, "days": {"type": "integer"}}}}},
    {"type": "function", "function": {
        "name": "now", "description": "The time.", "parameters": {"type": "object", "properties": {}}}},
]


def call(identifier, name, arguments):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


WEATHER = [
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": "", "tool_calls": [call("abc123xyz", "get_weather", {"city": "São", "days": 2})]},
    {"role": "tool", "content": "42 \"degrees\"", "tool_call_id": "abc123xyz", "name": "get_weather"},
]
BOTH = [
    {"role": "system", "content": "You are kind."},
    {"role": "user", "content": "Weather and time?"},
    {"role": "assistant", "content": "",
     "tool_calls": [call("abc123xyz", "get_weather", {"city": "Rome"}), call("abc123xy2", "now", {})]},
    {"role": "tool", "content": "42 degrees", "tool_call_id": "abc123xyz", "name": "get_weather"},
    {"role": "tool", "content": "{\"hour\": 3}", "tool_call_id": "abc123xy2", "name": "now"},
    {"role": "assistant", "content": "42 degrees at 3."},
    {"role": "user", "content": "Thanks."},
]
THOUGHTS = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello", "reasoning_content": "They greet."},
    {"role": "user", "content": "And?"},
]


def tool_tasks():
    """Conversations with tools, and conversations with switches for thinking."""
    with_tools = [{"render": turns, "tools": TOOLS, "variables": variables, "prompt": True}
                  for turns in (WEATHER[:1], WEATHER, BOTH) for variables in ({}, {"enable_thinking": False})]
    return with_tools + [{"render": THOUGHTS, "variables": {"enable_thinking": switch}, "prompt": True}
                         for switch in (True, False)]


def marked(task):
    """The task with a name of its own for each tool, each call and each result, and those names."""
    copied, marks = copy.deepcopy(task), []

    def mark():
        marks.append(f"mark{len(marks)}of")
        return marks[-1]

    for tool in copied.get("tools", []):
        tool["function"]["name"] = mark()
    for turn in copied["render"]:
        for each in turn.get("tool_calls", []):
            each["function"]["name"] = mark()
        if turn["role"] == "tool":
            turn["content"] = mark()
    return copied, marks


def shown(made, task):
    """Whether a template shows each tool, call and result. LEM puts tools into words for one that does not, and refuses the rest."""
    copied, marks = marked(task)
    text = theirs(made, copied) if marks else ""
    return isinstance(text, str) and all(mark in text for mark in marks)


def tasks():
    turns = [[{"role": role, "content": content} for role, content in conversation] for conversation in CONVERSATIONS]
    return [{"render": conversation, "prompt": prompt} for conversation in turns for prompt in (True, False)]


def tokenizer(source, bos, eos):
    """transformers' tokenizer of a fixture with another template; only rendering is asked of it."""
    made = transformers.AutoTokenizer.from_pretrained(lem.FIXTURES / "hf" / "llama-bpe")
    made.chat_template = source
    made.bos_token, made.eos_token = bos, eos
    return made


def theirs(made, task):
    try:
        return made.apply_chat_template(task["render"], tools=task.get("tools"), tokenize=False,
                                        add_generation_prompt=task["prompt"], **task.get("variables", {}))
    except (jinja2.TemplateError, TypeError) as refused:
        return {"refused": str(refused)}


def compare(report, name, session, made):
    """Where transformers refuses, LEM may fold a system turn into the user's; those conversations are left out."""
    asked = tasks()
    ours = lem.probe([session | {"tasks": asked}])[0]
    expected = [theirs(made, task) for task in asked]
    kept = [at for at, text in enumerate(expected) if isinstance(text, str)]
    report.holds(f"{name}: transformers renders {len(kept)} of {len(asked)}", len(kept) >= 2)
    report.equal(name, [ours[at] for at in kept], [expected[at] for at in kept])


def text_of(file, key):
    return gguf.GGUFReader(file).fields[key].contents()


def special(file, key):
    return text_of(file, "tokenizer.ggml.tokens")[text_of(file, f"tokenizer.ggml.{key}_token_id")]


def published(report):
    """The templates that llama.cpp carries for its tests."""
    fetch = subprocess.run([lem.ROOT / "native" / "fetch.sh"], capture_output=True, text=True, check=True)
    files = sorted((pathlib.Path(fetch.stdout.strip()) / "models" / "templates").glob("*.jinja"))
    sessions, makers = [], []
    for file in files:
        template = file.read_text(encoding="utf-8")
        sessions.append({"template": template, "bos": "<BOS>", "eos": "<EOS>", "tasks": tasks() + tool_tasks()})
        makers.append(tokenizer(template, "<BOS>", "<EOS>"))
    answers = lem.probe(sessions)
    ours, expected, rendered, with_tools = [], [], 0, 0
    for file, session, made, answer in zip(files, sessions, makers, answers, strict=True):
        texts = [theirs(made, task) for task in session["tasks"]]
        kept = [at for at, text in enumerate(texts) if isinstance(text, str) and shown(made, session["tasks"][at])]
        rendered += bool(kept)
        with_tools += any("tools" in session["tasks"][at] for at in kept)
        ours += [(file.name, answer[at]) for at in kept]
        # Nothing is escaped in LEM, nor in llama.cpp. Jinja2 escapes the strings that are added to a safe one.
        unescaped = html.unescape if "|safe" in session["template"].replace(" ", "") else str
        expected += [(file.name, unescaped(texts[at])) for at in kept]
    name = "templates in llama.cpp's source"
    report.holds(f"{name}: transformers renders something with {rendered} of {len(files)}", rendered > 30)
    report.holds(f"{name}: transformers renders tools with {with_tools} of them", with_tools > 15)
    report.equal(name, ours, expected)


def main():
    report = lem.Report("Templates: LEM, transformers " + transformers.__version__)
    smollm2 = real_models.SMOLLM2
    compare(report, "SmolLM2's own file", {"model": str(smollm2)}, real_models.tokenizer(smollm2))
    nano = lem.ROOT / "models" / "lem-nano.gguf"
    compare(report, "lem-nano's own file", {"model": str(nano)},
            tokenizer(text_of(nano, "tokenizer.chat_template"), special(nano, "bos"), special(nano, "eos")))
    for name in ("llama-bpe", "mlx4-llama-bpe"):
        folder = lem.FIXTURES / "hf" / name
        made = transformers.AutoTokenizer.from_pretrained(folder)
        session = {"template": (folder / "chat_template.jinja").read_text(encoding="utf-8"),
                   "bos": made.bos_token, "eos": made.eos_token}
        compare(report, f"fixtures/hf/{name}", session, made)
    published(report)
    report.finish()


if __name__ == "__main__":
    main()
