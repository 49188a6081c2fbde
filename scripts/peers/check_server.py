"""`lem serve` with the clients that applications use: openai, lm-evaluation-harness and inspect_ai."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
from importlib import metadata

import inspect_ai
import inspect_ai.dataset
import inspect_ai.scorer
import inspect_ai.solver
import lm_eval
import lm_eval.tasks
import numpy
import openai
import pydantic

import convert_models
import lem
import real_models
from java_convert import Ours
from serving import KEY, NAME, Server

WORK = lem.WORK / "server"
QUESTIONS = 12
PRINTED = 5e-7
TURNS = ["Hi", "Tell me more", "Why?"]
TURN_TOKENS = 256
MORE_EVALUATED = 64
QUESTION = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Why is the sky blue?"}]
WEATHER = {"type": "function", "function": {
    "name": "weather", "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}}, "required": ["city"],
                   "additionalProperties": False}}}


class Virtue(pydantic.BaseModel):
    name: str
    years: int
    kind: bool


def refusal(call, **arguments):
    """The status of a request that must be refused."""
    try:
        call(**arguments)
    except openai.APIStatusError as refused:
        return refused.status_code
    return 200


def chat(client, messages=None, **more):
    return client.chat.completions.create(model=NAME, messages=messages or QUESTION, **({"temperature": 0, "max_tokens": 24} | more))


def check_models_and_key(report, server):
    report.equal("openai models", [model.id for model in server.client.models.list()], [NAME])
    stranger = openai.OpenAI(base_url=server.address, api_key="another key than the server's", max_retries=0)
    report.equal("without the key, and for another model",
                 [refusal(stranger.models.list), refusal(server.client.models.retrieve, model="another")], [401, 404])


def check_chat(report, client):
    whole = chat(client, logprobs=True, top_logprobs=2)
    pieces = list(chat(client, stream=True, stream_options={"include_usage": True}))
    text = whole.choices[0].message.content
    report.holds(f"openai chat: {text!r}", len(text) > 10)
    report.equal("openai chat: text and reason in one piece and as a stream", [text, whole.choices[0].finish_reason], [
        "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices),
        [choice.finish_reason for piece in pieces for choice in piece.choices if choice.finish_reason][-1]])
    report.equal("openai chat: usage in one piece and at the end of a stream",
                 [whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens],
                 [pieces[-1].usage.prompt_tokens, pieces[-1].usage.completion_tokens, pieces[-1].usage.total_tokens])
    tokens = whole.choices[0].logprobs.content
    report.equal("openai chat: as many log-probabilities as tokens, and their text",
                 [len(tokens), "".join(token.token for token in tokens)], [whole.usage.completion_tokens, text])
    report.equal("openai chat: the chosen token is the most likely one",
                 [token.logprob for token in tokens], [token.top_logprobs[0].logprob for token in tokens])
    report.equal("openai chat: what is refused by name", [
        refusal(client.chat.completions.create, model=NAME, messages=QUESTION, extra_body={"unheard_of": 1}),
        refusal(client.chat.completions.create, model=NAME, messages=QUESTION, temperature=-1),
        refusal(client.chat.completions.create, model=NAME, messages=[{"role": "user", "content": "word " * 5000}])],
        [400, 400, 400])


def check_company(report, client):
    """Answers do not depend on others that are generated at the same time."""
    questions = [[{"role": "user", "content": f"Tell me something about the number {number}."}] for number in range(8)]
    alone = [chat(client, question).choices[0].message.content for question in questions]
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda question: chat(client, question).choices[0].message.content, questions))
    report.equal("8 chats at once and one after the other", together, alone)


def check_schema(report, client):
    answer = client.chat.completions.parse(
        model=NAME, temperature=0, max_tokens=200, response_format=Virtue,
        messages=[{"role": "user", "content": "Invent a person with name, years and kind, as JSON."}]).choices[0]
    report.holds(f"openai chat.completions.parse with a schema: {answer.message.parsed!r}, {answer.finish_reason}",
                 isinstance(answer.message.parsed, Virtue) or answer.finish_reason == "length")
    report.holds("the schema was kept to the end", isinstance(answer.message.parsed, Virtue))


def check_tools(report, client):
    messages = [{"role": "user", "content": "What is the weather in Rome?"}]
    whole = chat(client, messages, tools=[WEATHER], tool_choice="required", max_tokens=100).choices[0]
    report.equal("openai tools: reason and name", [whole.finish_reason, whole.message.tool_calls[0].function.name],
                 ["tool_calls", "weather"])
    call = whole.message.tool_calls[0]
    city = json.loads(call.function.arguments)
    report.holds(f"openai tools: the arguments fit their schema: {city}", list(city) == ["city"] and len(city["city"]) <= 12)
    pieces = [choice.delta for piece in chat(client, messages, tools=[WEATHER], tool_choice="required", max_tokens=100,
                                             stream=True) for choice in piece.choices]
    calls = [each.function for delta in pieces for each in delta.tool_calls or []]
    report.equal("openai tools: the call as a stream",
                 ["".join(each.arguments or "" for each in calls), "".join(each.name or "" for each in calls)],
                 [call.function.arguments, "weather"])
    after = chat(client, [*messages, whole.message.model_dump(exclude_none=True),
                          {"role": "tool", "tool_call_id": call.id, "content": "18 degrees"}], tools=[WEATHER])
    report.holds(f"openai tools: after the result: {after.choices[0].message.content!r}", after.usage.completion_tokens > 0)


def check_echo(report, client, file):
    context, continuation = "The sky is", " blue because of the light."
    echoed = client.completions.create(model=NAME, prompt=context + continuation, echo=True, logprobs=1, max_tokens=1,
                                       temperature=0).choices[0]
    report.equal("openai completions with echo: the prompt is the text's beginning, its first token has no likelihood",
                 [echoed.text.startswith(context + continuation), echoed.logprobs.token_logprobs[0]], [True, None])
    [[ours]] = lem.probe([{"model": str(file), "tasks": [{"likelihood": context, "of": [continuation]}]}])
    start = echoed.logprobs.text_offset.index(len(context))
    theirs = sum(echoed.logprobs.token_logprobs[start:-1])
    report.close("openai completions with echo: the sum of a continuation, and LemModel.logLikelihood", [[ours[0]["sum"]]],
                 [[theirs]], PRINTED)


def choices():
    file = lem.FIXTURES / "datasets" / "truthfulqa" / "mc_task.json"
    questions = json.loads(file.read_text(encoding="utf-8"))[:QUESTIONS]
    return [{"question": each["question"], "choices": list(each["mc1_targets"])} for each in questions]


def check_harness(report, server, file):
    """A local task of lm-eval; contexts and choices are shorter than a block of the KV cache."""
    docs = choices()
    data = WORK / "choices.jsonl"
    data.write_text("".join(json.dumps(doc) + "\n" for doc in docs), encoding="utf-8")
    (WORK / "lem_choices.yaml").write_text("\n".join([
        "task: lem_choices", "dataset_path: json", "dataset_kwargs:", "  data_files:", f"    test: {data}",
        "output_type: multiple_choice", "test_split: test", 'doc_to_text: "Q: {{question}}\\nA:"', "doc_to_choice: choices",
        "doc_to_target: 0", "num_fewshot: 0", "metric_list:", "  - metric: acc", ""]), encoding="utf-8")
    os.environ["OPENAI_API_KEY"] = KEY
    samples = lm_eval.simple_evaluate(
        model="local-completions", tasks=["lem_choices"], bootstrap_iters=0,
        task_manager=lm_eval.tasks.TaskManager(include_path=str(WORK), include_defaults=False),
        model_args={"model": NAME, "base_url": server.address + "/completions", "tokenizer_backend": "remote",
                    "auth_token": KEY, "num_concurrent": 1, "max_length": 1024})["samples"]["lem_choices"]
    samples.sort(key=lambda sample: sample["doc_id"])
    tasks = [{"likelihood": sample["arguments"][0][0], "of": [each[1] for each in sample["arguments"]]} for sample in samples]
    [ours] = lem.probe([{"model": str(file), "tasks": tasks}])
    theirs = [[(float(answer[0]), bool(answer[1])) for answer in sample["filtered_resps"]] for sample in samples]
    digits = [(f"{each['sum']:.6f}", each["greedy"]) for row in ours for each in row]
    report.equal(f"lm-eval {metadata.version('lm_eval')} local-completions: likelihoods to 6 decimals and greedy", digits,
                 [(f"{value:.6f}", greedy) for row in theirs for value, greedy in row])


def check_inspect(report, server):
    os.environ["LEM_BASE_URL"], os.environ["LEM_API_KEY"] = server.address, KEY
    [log] = inspect_ai.eval(
        inspect_ai.Task(
            dataset=[inspect_ai.dataset.Sample(input=QUESTION[1]["content"], target="sky")],
            solver=[inspect_ai.solver.system_message(QUESTION[0]["content"]), inspect_ai.solver.generate()],
            scorer=inspect_ai.scorer.includes()),
        model=f"openai-api/lem/{NAME}", temperature=0, max_tokens=24, log_dir=str(WORK / "inspect"), display="none")
    report.equal(f"inspect_ai {metadata.version('inspect_ai')}: status and answer",
                 [log.status, log.samples[0].output.completion],
                 ["success", chat(server.client).choices[0].message.content])


def check_turns(report, file):
    """The turns of `lem chat`, with a KV cache that holds what was said, and new servers that are told all of it."""
    run = subprocess.run(
        [lem.ROOT / "lem", "chat", "--json", "--model", file, "--temperature", "0", "--max-tokens", str(TURN_TOKENS),
         "--threads", "1"],
        input="".join(question + "\n" for question in TURNS), capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    report.equal("lem chat: turns that are answered", [len(answers)], [len(TURNS)])
    messages, texts, prompts = [], [], []
    for question, answer in zip(TURNS, answers, strict=True):
        messages.append({"role": "user", "content": question})
        with Server(file, "--threads", 1) as server:
            fresh = chat(server.client, messages, max_tokens=TURN_TOKENS)
        texts.append(fresh.choices[0].message.content)
        prompts.append(fresh.usage.prompt_tokens)
        messages.append({"role": "assistant", "content": answer["text"]})
    report.equal("lem chat: texts and those of a fresh model that is told the conversation", [a["text"] for a in answers], texts)
    report.equal("lem chat: tokens of the prompts, and those of a fresh model", [a["prompt_tokens"] for a in answers], prompts)
    for before, after in zip(answers, answers[1:]):
        new = after["prompt_tokens"] - before["prompt_tokens"] - before["generated_tokens"]
        report.holds(f"lem chat: {after['evaluated_tokens']} of {after['prompt_tokens']} tokens evaluated, {new} are new",
                     0 < after["evaluated_tokens"] <= new + MORE_EVALUATED)


def with_tools_template(file):
    """The model with a chat template that teaches calls in the form of Hermes."""
    target = WORK / "with-tools.gguf"
    template = pathlib.Path(os.environ["LLAMA_CPP_SRC"], "models", "templates", "Qwen-Qwen2.5-7B-Instruct.jinja")
    subprocess.run([sys.executable, "-m", "gguf.scripts.gguf_new_metadata", "--force", "--chat-template-file", template, file,
                    target], check=True, stdout=sys.stderr)
    return target


def check_embeddings(report):
    folder = convert_models.fetch_minilm(lem.WORK / "convert" / "minilm")
    file = WORK / "minilm-f16.gguf"
    Ours().convert(folder, file, "f16")
    texts = ["A man is eating food.", "Someone is having lunch.", "The weather is lovely today."]
    with Server(file, "--threads", 1) as server:
        # Its own default form is base64; floats are asked for as well.
        packed = [each.embedding for each in server.client.embeddings.create(model=NAME, input=texts).data]
        floats = [each.embedding for each in
                  server.client.embeddings.create(model=NAME, input=texts, encoding_format="float").data]
    [[ours]] = lem.probe([{"model": str(file), "tasks": [{"embed": texts}]}])
    report.close("openai embeddings of all-MiniLM-L6-v2, and LemModel.embed", packed, ours, 1e-6)
    report.close("openai embeddings as base64 and as floats", packed, floats, 1e-6)
    report.holds("openai embeddings: what is alike is near", numpy.dot(packed[0], packed[1]) > numpy.dot(packed[0], packed[2]))


def main():
    report = lem.Report(f"lem serve, with openai {openai.__version__}, lm-eval and inspect_ai")
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    file = real_models.SMOLLM2
    with Server(file, "--threads", 1, "--context", 1024, "--parallel", 2) as server:
        check_models_and_key(report, server)
        check_chat(report, server.client)
        check_company(report, server.client)
        check_schema(report, server.client)
        check_echo(report, server.client, file)
        check_harness(report, server, file)
        check_inspect(report, server)
    report.holds(f"the server ends on SIGTERM, with status {server.status}", server.status in (0, 143))
    with Server(with_tools_template(file), "--threads", 1, "--context", 1024) as server:
        check_tools(report, server.client)
    check_turns(report, file)
    check_embeddings(report)
    report.finish()


main()
