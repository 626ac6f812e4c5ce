namespace Microtome.Language;

/// <summary>Whose names the weights of a file have.</summary>
public enum WeightLayout
{
    /// <summary>Hugging Face's BertForMaskedLM.</summary>
    Bert,

    /// <summary>Hugging Face's LlamaForCausalLM.</summary>
    Llama,

    /// <summary>Hugging Face's Gemma2ForCausalLM: norms are kept less one.</summary>
    Gemma2,
}
