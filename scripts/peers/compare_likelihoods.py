"""The time that the likelihoods of TruthfulQA's choices take: together, one after the other as before, and in lm-eval's hf.

The same Q4_1 file is computed with all weights as 32-bit floats on both sides, with the same number of threads; loading is not
counted. LEM's two methods are compared on the Q4_1 file itself too.
"""

import json
import os
import shutil
import subprocess
import sys
import time

import torch
from lm_eval.models.huggingface import HFLM

import check_harness
import lem
import real_models

WORK = check_harness.WORK
THREADS = 2
BOUND = 1e-3


class Timed(HFLM):
    """lm-eval's hf with a clock, and with one for the processor time of all threads, which other processes change less."""

    seconds = processor = 0.0

    def loglikelihood(self, requests, disable_tqdm=False):
        start, processor = time.perf_counter(), time.process_time()
        try:
            return super().loglikelihood(requests, disable_tqdm=disable_tqdm)
        finally:
            Timed.seconds += time.perf_counter() - start
            Timed.processor += time.process_time() - processor


def questions_of(samples):
    """Each context with its choices in the harness's order, each once, and the harness's likelihood of each."""
    questions = {}
    for task in samples.values():
        for sample in task:
            for (context, choice), answer in zip(sample["arguments"], sample["filtered_resps"], strict=True):
                questions.setdefault(context, {})[choice] = (float(answer[0]), bool(answer[1]))
    return questions


def ours(questions, file, rounds, former, exact):
    """LEM's medians and likelihoods, while its table is printed."""
    data, output = WORK / "questions.json", WORK / "likelihoods.json"
    data.write_text(json.dumps([{"context": context, "choices": list(choices)} for context, choices in questions.items()]),
                    encoding="utf-8")
    java = os.environ["LEM_LIKELIHOOD_PAIRS"].split(" ")
    subprocess.run(
        [os.environ["JAVA_HOME"] + "/bin/java", *java, "io.lethean.lem.model.LikelihoodPairs", f"model={file}",
         f"data={data}", f"output={output}", f"threads={THREADS}", f"rounds={rounds}", f"former={int(former)}",
         f"exact={int(exact)}"], cwd=lem.ROOT, check=True)
    answer = json.loads(output.read_text(encoding="utf-8"))
    return answer


def main():
    count, rounds = int(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(THREADS)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    data = WORK / "truthfulqa.jsonl"
    check_harness.write_lines(data, check_harness.truthfulqa_data(count))
    for number in "12":
        check_harness.harness_task(f"truthfulqa/truthfulqa_mc{number}", f"lem_mc{number}", data, ["validation"])
    model = Timed(pretrained=real_models.network(real_models.SMOLLM2), tokenizer=real_models.tokenizer(real_models.SMOLLM2),
                  device="cpu", batch_size=1)
    questions = questions_of(check_harness.evaluate(model, ["lem_mc1", "lem_mc2"]))
    del model
    print(f"TruthfulQA mc1 and mc2, {count} questions, {THREADS} threads", flush=True)
    print("Q4_1, LEM:", flush=True)
    ours(questions, real_models.SMOLLM2, rounds, True, False)
    print("its weights as f32, LEM:", flush=True)
    wide = real_models.widened(real_models.SMOLLM2)
    answer = ours(questions, wide, rounds, True, True)
    wide.unlink()
    print(f"its weights as f32, lm-eval hf: {Timed.seconds:.2f} s (processor {Timed.processor:.2f} s):"
          f" {Timed.seconds / answer['seconds']:.1f} ({Timed.processor / answer['processor']:.1f}) times as long as LEM")
    report = lem.Report("Likelihoods, LEM and lm-eval")
    theirs = [list(choices.values()) for choices in questions.values()]
    report.close("sums", [[each["sum"] for each in row] for row in answer["likelihoods"]],
                 [[each[0] for each in row] for row in theirs], BOUND)
    report.equal("whether a choice is what the model would say", [each["greedy"] for row in answer["likelihoods"] for each in row],
                 [each[1] for row in theirs for each in row])
    report.finish()


if __name__ == "__main__":
    main()
