namespace Microtome.Language;

/// <summary>What a <see cref="Tokenizer"/> is made of.</summary>
internal sealed record TokenizerParts
{
    public required ITokenModel Model { get; init; }

    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    public INormalizer? Normalizer { get; init; }

    public ISplitter? Splitter { get; init; }

    public SequenceTemplate Template { get; init; } = SequenceTemplate.Plain;

    public IReadOnlyList<DecodingStep> Decoding { get; init; } = [];

    /// <summary>Roles by name (<c>mask_token</c>), where a file says them.</summary>
    public IReadOnlyList<(string Role, string Token)> Roles { get; init; } = [];
}
