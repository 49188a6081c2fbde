"""Embeddings and reranking against transformers: a published encoder, and a random cross-encoder, both converted by LEM."""

import shutil

import numpy
import torch
import transformers

import convert_models
import lem
from java_convert import Ours

BOUND = 1e-4
EFFECT = 1e-2
WORK = lem.WORK / "embed"
TEXTS = [
    "A man is eating food.", "Someone is having lunch.", "The weather is lovely today.", "", "x",
    "Kindness costs nothing, and it changes how a day goes.", "Ein Satz auf Deutsch mit Umlauten: ä ö ü ß.", "你好，世界",
    "e = mc² and 3.14159", "UPPER case, lower case, MiXeD case", "tab\tand  two spaces", "word " * 250,
    " ".join(f"sentence {number} says something else." for number in range(60)),
]
QUERY = "What is kindness?"


def tokenizer(folder):
    return transformers.AutoTokenizer.from_pretrained(folder)


def sentence_embeddings(folder):
    """The mean over the tokens, of length 1: what sentence-transformers computes for this model."""
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    encode = tokenizer(folder)
    found = []
    for text in TEXTS:
        with torch.no_grad():
            hidden = model(**encode(text, return_tensors="pt", truncation=False)).last_hidden_state[0]
        mean = hidden.double().mean(0)
        found.append((mean / mean.norm()).numpy())
    return found


def distances(ours, theirs):
    return [1 - float(numpy.dot(a, b) / numpy.linalg.norm(a) / numpy.linalg.norm(b)) for a, b in zip(ours, theirs, strict=True)]


def convert(java, folder, name, kind):
    output = WORK / f"{name}-{kind}.gguf"
    java.convert(folder, output, kind)
    return output


def ask(model, *tasks):
    return lem.probe([{"model": str(model), "tasks": list(tasks)}])[0]


def check_minilm(report, java, folder):
    theirs = sentence_embeddings(folder)
    for kind in ("f32", "f16"):
        ours, backwards = ask(convert(java, folder, "minilm", kind), {"embed": TEXTS}, {"embed": TEXTS[::-1]})
        largest = max(distances(ours, theirs))
        report.holds(f"all-MiniLM-L6-v2 as {kind}: {len(TEXTS)} texts, largest cosine distance {largest:.2g}, bound {BOUND:g}",
                     largest <= BOUND)
        report.equal(f"all-MiniLM-L6-v2 as {kind}: embeddings of the texts in another order, to the bit", ours, backwards[::-1])
    report.holds("different texts are apart", min(distances([theirs[0]] * 2, [theirs[2], theirs[5]])) > EFFECT)


def make_cross_encoder(folder, source):
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(12)
    model = transformers.BertForSequenceClassification(transformers.BertConfig(
        vocab_size=30522, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, num_labels=1))
    for parameter in model.parameters():
        parameter.data.normal_(0.0 if parameter.dim() > 1 else 0.5, 0.1)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (source / name).exists():
            shutil.copy(source / name, folder / name)
    return folder


def cross_scores(folder, documents, types=True):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    encode = tokenizer(folder)
    found = []
    for document in documents:
        pair = encode(QUERY, document, return_tensors="pt")
        if not types:
            pair["token_type_ids"] = torch.zeros_like(pair["token_type_ids"])
        with torch.no_grad():
            found.append(float(model(**pair).logits[0, 0]))
    return found


def check_cross_encoder(report, java, folder):
    documents = [text for text in TEXTS if text]
    theirs = cross_scores(folder, documents)
    [ours] = ask(convert(java, folder, "cross-encoder", "f32"), {"rerank": QUERY, "of": documents})
    report.close("random BERT cross-encoder, scores", [each["score"] for each in ours], theirs, BOUND)
    report.close("random BERT cross-encoder, probabilities", [each["probability"] for each in ours],
                 torch.tensor(theirs).sigmoid().tolist(), BOUND)
    report.apart("token types count", theirs, cross_scores(folder, documents, types=False), 10 * BOUND)
    report.apart("documents count", theirs[:1] * (len(theirs) - 1), theirs[1:], 10 * BOUND)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    java = Ours()
    report = lem.Report("Embeddings and reranking, with transformers")
    minilm = convert_models.fetch_minilm(lem.WORK / "convert" / "minilm")
    check_minilm(report, java, minilm)
    check_cross_encoder(report, java, make_cross_encoder(WORK / "cross-encoder", minilm))
    report.finish()


main()
