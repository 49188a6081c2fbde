"""Small Llamas as GGUF and as Hugging Face folders of the same weights."""

import shutil

import gguf
import torch
import transformers

import lem

GGUF = lem.FIXTURES / "models" / "stories260K-f32.gguf"
FOLDER = lem.FIXTURES / "models" / "hf-stories260K"


def tied():
    """stories260K as it is: the head is the embedding."""
    return GGUF, FOLDER


def untied():
    """stories260K with a head of its own, for adapters of the embedding and of the head."""
    folder, file = lem.WORK / "untied", lem.WORK / "untied.gguf"
    shutil.rmtree(folder, ignore_errors=True)
    model = transformers.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
    torch.manual_seed(1)
    embedding = model.get_input_embeddings().weight.detach()
    head = embedding + 0.05 * torch.randn_like(embedding)
    model.config.tie_word_embeddings = False
    model.lm_head.weight = torch.nn.Parameter(head.clone())
    model._tied_weights_keys = None
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(FOLDER / name, folder / name)
    write_gguf(file, {"output.weight": head.numpy()})
    return file, folder


def write_gguf(file, changed):
    """The GGUF of stories260K with other values of some tensors."""
    reader = gguf.GGUFReader(GGUF)
    writer = gguf.GGUFWriter(file, "llama")
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name != "general.architecture":
            is_array = field.types[0] == gguf.GGUFValueType.ARRAY
            writer.add_key_value(field.name, field.contents(), field.types[0], field.types[-1] if is_array else None)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, changed.get(tensor.name, tensor.data))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
