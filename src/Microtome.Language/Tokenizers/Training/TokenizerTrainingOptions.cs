namespace Microtome.Language;

/// <summary>What a tokenizer is trained to.</summary>
public sealed record TokenizerTrainingOptions
{
    /// <summary>Tokens to reach, special ones counted. A small text may give fewer. Default: 30,000.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>Pairs that are seen less often do not join. Default: 2.</summary>
    public long MinimumFrequency { get; init; } = 2;

    /// <summary>Tokens with a role, which get the first ids; null for those of the kind (BPE: &lt;|endoftext|&gt;; WordPiece: [PAD] [UNK] [CLS] [SEP] [MASK]).</summary>
    public IReadOnlyList<string>? SpecialTokens { get; init; }

    /// <summary>Sentinels for span filling, <c>&lt;extra_id_0&gt;</c> and on, which follow the special tokens. Default: 0.</summary>
    public int Sentinels { get; init; }

    /// <summary>WordPiece: letters become small and lose their accents. Default: true.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>WordPiece: the most frequent characters that are kept; words with others are unknown. Default: 1,000. Byte-level BPE always knows all 256 bytes.</summary>
    public int MostCharacters { get; init; } = 1000;
}
