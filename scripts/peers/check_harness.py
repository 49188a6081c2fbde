"""GSM8K's verdicts and the likelihoods of TruthfulQA's choices in LEM and in lm-evaluation-harness.

The harness runs its own tasks, gsm8k and truthfulqa_mc1 and _mc2, on local data.
"""

import json
import pathlib
import shutil
from importlib import metadata

import lm_eval
import lm_eval.tasks
import torch
import transformers
from lm_eval.api.model import LM
from lm_eval.models.huggingface import HFLM

import lem
import real_models
import small_models

WORK = lem.WORK / "harness"
QUESTIONS = 60
CHOICE_QUESTIONS = {"SmolLM2-135M": 2, "stories260K": 5}
BOUND = 2e-3

# What a model may make of a number: {r} is right, {w} is wrong, {c} has commas.
FORMS = [
    "{solution}", "#### {r}", "The answer is {r}.", "The answer is {r}", "{r}", "${r}", "#### ${r}", "#### {r}.",
    "####{r}", "#### {r}.00", "It is {r}.0 in all", "#### {c}", "So it is {c}.", "#### {w}\n#### {r}",
    "#### {r}\n\nWait, it is {w}.", "{w} + 1 = {r}", "{r} is right, not {w}", "-{r}", "#### -{r}", "\u2212{r}",
    "none", "", "####", "#### none", "...", "$", "{r} dollars and {w} cents", "**{r}**", "\\boxed{{{r}}}", "({r})",
    "{r}%", "{r},", "{r}, {w}", "#### {r},", "1{c}", "{r}/{w}", "Answer: {r}\n", "\u0663{r}", "{r}\u0663",
    "#### {r} apples", "##### {r}", "### {r}", "#### \n{r}", "{r}e3", "0{r}",
]


class Given(LM):
    """A model that answers what the document says that it answers."""

    def generate_until(self, requests, disable_tqdm=False):
        return [request.doc["given"] for request in requests]

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError


def harness_task(base, task, data, splits):
    """A file that is a task of the harness with other data."""
    included = pathlib.Path(lm_eval.tasks.__file__).parent / (base + ".yaml")
    lines = [f"include: {included}", f"task: {task}", "dataset_path: json", "dataset_name: null", "num_fewshot: 0",
             "dataset_kwargs:", "  data_files:", *(f"    {split}: {data}" for split in splits)]
    (WORK / f"{task}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def evaluate(model, tasks):
    """The samples of each task."""
    manager = lm_eval.tasks.TaskManager(include_path=str(WORK), include_defaults=False)
    return lm_eval.simple_evaluate(model=model, tasks=tasks, task_manager=manager, bootstrap_iters=0)["samples"]


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def gsm8k_lines():
    with open(lem.FIXTURES / "datasets" / "gsm8k" / "test.jsonl", encoding="utf-8") as lines:
        questions = [json.loads(next(lines)) for _ in range(QUESTIONS)]
    answers = []
    for at, question in enumerate(questions):
        right = question["answer"].split("#### ")[-1].replace(",", "")
        for form_at, form in enumerate(FORMS):
            given = form.format(solution=question["answer"], r=right, w=int(right) + 7, c=f"{int(right):,}")
            answers.append(question | {"id": f"{at}-{form_at}", "given": given})
    return answers


def gsm8k(report):
    docs = gsm8k_lines()
    data = WORK / "gsm8k.jsonl"
    write_lines(data, docs)
    harness_task("gsm8k/gsm8k", "lem_gsm8k", data, ["train", "test"])
    theirs = {}
    for sample in evaluate(Given(), ["lem_gsm8k"])["lem_gsm8k"]:
        theirs[sample["filter"], sample["doc"]["id"]] = bool(sample["exact_match"])
    answers, scores = WORK / "answers.jsonl", WORK / "scores.jsonl"
    write_lines(answers, [{"id": doc["id"], "response": doc["given"]} for doc in docs])
    scores.unlink(missing_ok=True)
    lem.must("score", "--scorer", "gsm8k", "--questions", data, "--input", answers, "--output", scores)
    ours = {line["id"]: line for line in map(json.loads, scores.read_text(encoding="utf-8").splitlines())}
    for theirs_name, our_name in (("strict-match", "strict_match"), ("flexible-extract", "flexible_extract")):
        verdicts = [(doc["given"], theirs[theirs_name, doc["id"]]) for doc in docs]
        right = sum(verdict for _, verdict in verdicts)
        report.equal(f"gsm8k {theirs_name}, {right} of them right",
                     [(doc["given"], ours[doc["id"]][our_name]) for doc in docs], verdicts)


def truthfulqa_data(count):
    """In the harness's form; the right choice of mc1 stands first in the file already."""
    docs = []
    file = lem.FIXTURES / "datasets" / "truthfulqa" / "mc_task.json"
    for question in json.loads(file.read_text(encoding="utf-8"))[:count]:
        doc = {"question": question["question"]}
        for name in ("mc1_targets", "mc2_targets"):
            doc[name] = {"choices": list(question[name]), "labels": list(question[name].values())}
        docs.append(doc)
    return docs


def likelihoods(report, name, file, model):
    """lm-eval's likelihood of each choice, and its scores, against those of lem standard."""
    docs = truthfulqa_data(CHOICE_QUESTIONS[name])
    data = WORK / f"truthfulqa-{name}.jsonl"
    write_lines(data, docs)
    for number in "12":
        harness_task(f"truthfulqa/truthfulqa_mc{number}", f"lem_mc{number}", data, ["validation"])
    samples = {task: sorted(lines, key=lambda each: each["doc_id"])
               for task, lines in evaluate(model, ["lem_mc1", "lem_mc2"]).items()}
    lines = chosen_by_lem(name, file, data, samples["lem_mc1"][0]["arguments"][0][0])
    ours, theirs, greedy, their_greedy = [], [], [], []
    for task in ("mc1", "mc2"):
        for line, sample in zip(lines, samples["lem_" + task], strict=True):
            ours.append([choice["log_likelihood"] for choice in line[task + "_choices"]])
            greedy.append([choice["greedy"] for choice in line[task + "_choices"]])
            theirs.append([float(answer[0]) for answer in sample["filtered_resps"]])
            their_greedy.append([bool(answer[1]) for answer in sample["filtered_resps"]])
    report.close(f"{name}: {sum(map(len, ours))} likelihoods of choices", ours, theirs, BOUND)
    report.equal(f"{name}: whether a choice is what the model would say", greedy, their_greedy)
    report.equal(f"{name}: mc1", [line["mc1"] for line in lines], [each["acc"] == 1 for each in samples["lem_mc1"]])
    their_shares = [each["acc"] for each in samples["lem_mc2"]]
    report.close(f"{name}: mc2", [[line["mc2"] for line in lines]], [their_shares], BOUND)


def chosen_by_lem(name, file, data, prompt):
    """The lines of lem standard, with what the harness has before a question."""
    preamble, output = WORK / "preamble.txt", WORK / f"choices-{name}.jsonl"
    preamble.write_text(prompt.rsplit("\n\nQ: ", 1)[0], encoding="utf-8")
    lem.must("standard", "--benchmark", "truthfulqa-mc", "--model", file, "--data", data, "--preamble", preamble,
             "--output", output, "--overwrite", "--kv-type", "F32", "--flash-attention", "OFF", "--context", 2048,
             "--threads", 2)
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if "mc1_choices" in line]


def main():
    report = lem.Report("Benchmarks: LEM, lm-eval " + metadata.version("lm_eval"))
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    gsm8k(report)
    stories = transformers.AutoModelForCausalLM.from_pretrained(small_models.FOLDER, dtype=torch.float32)
    likelihoods(report, "stories260K", small_models.GGUF, HFLM(
        pretrained=stories, tokenizer=transformers.AutoTokenizer.from_pretrained(small_models.FOLDER), device="cpu",
        batch_size=1, add_bos_token=True, max_length=2048))
    wide = real_models.widened(real_models.SMOLLM2)
    likelihoods(report, "SmolLM2-135M", wide, HFLM(
        pretrained=real_models.network(real_models.SMOLLM2), tokenizer=real_models.tokenizer(real_models.SMOLLM2),
        device="cpu", batch_size=1))
    wide.unlink()
    report.finish()


if __name__ == "__main__":
    main()
