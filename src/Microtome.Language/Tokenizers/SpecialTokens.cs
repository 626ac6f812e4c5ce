namespace Microtome.Language;

/// <summary>The ids of tokens that have a role; null where a vocabulary has none.</summary>
public sealed record SpecialTokens
{
    /// <summary>Stands for a hidden token ([MASK]).</summary>
    public int? Mask { get; init; }

    /// <summary>Begins a text to classify ([CLS]).</summary>
    public int? Cls { get; init; }

    /// <summary>Ends a text or parts two ([SEP]).</summary>
    public int? Sep { get; init; }

    /// <summary>Fills a row of a batch ([PAD]).</summary>
    public int? Pad { get; init; }

    /// <summary>Stands for what the vocabulary cannot write ([UNK]).</summary>
    public int? Unk { get; init; }

    /// <summary>Begins a text to continue.</summary>
    public int? Bos { get; init; }

    /// <summary>Ends a text to continue.</summary>
    public int? Eos { get; init; }

    /// <summary>The sentinels of span filling (<c>&lt;extra_id_0&gt;</c>, ...) in their order; empty where there are none.</summary>
    public IReadOnlyList<int> Sentinels { get; init; } = [];

    /// <summary>The usual names of each role, the surest first.</summary>
    internal static SpecialTokens ByName(Func<string, int?> id, string? unknown)
    {
        int? First(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (id(name) is { } found)
                    return found;
            }

            return null;
        }

        var sentinels = new List<int>();
        while (id($"<extra_id_{sentinels.Count}>") is { } sentinel)
            sentinels.Add(sentinel);
        return new SpecialTokens
        {
            Mask = First("[MASK]", "<mask>", "<|mask|>"),
            Cls = First("[CLS]", "<cls>", "<s>"),
            Sep = First("[SEP]", "<sep>", "</s>"),
            Pad = First("[PAD]", "<pad>", "<|pad|>", "<|finetune_right_pad_id|>"),
            Unk = (unknown is null ? null : id(unknown)) ?? First("[UNK]", "<unk>"),
            Bos = First("<s>", "<bos>", "<|begin_of_text|>", "[BOS]", "<|startoftext|>", "<|endoftext|>"),
            Eos = First("</s>", "<eos>", "<|end_of_text|>", "[EOS]", "<|endoftext|>"),
            Sentinels = sentinels,
        };
    }

    /// <summary>The same with a role given to another token by its name, as <c>special_tokens_map.json</c> calls it (<c>mask_token</c>); unknown names change nothing.</summary>
    internal SpecialTokens With(string role, int id) => role switch
    {
        "mask_token" => this with { Mask = id },
        "cls_token" => this with { Cls = id },
        "sep_token" => this with { Sep = id },
        "pad_token" => this with { Pad = id },
        "unk_token" => this with { Unk = id },
        "bos_token" => this with { Bos = id },
        "eos_token" => this with { Eos = id },
        _ => this,
    };
}
