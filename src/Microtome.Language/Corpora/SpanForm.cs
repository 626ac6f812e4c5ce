namespace Microtome.Language;

/// <summary>How spans are filled.</summary>
public enum SpanForm
{
    /// <summary>An encoder reads the text with sentinels, a decoder writes sentinels and spans.</summary>
    EncoderDecoder,

    /// <summary>One stream: the text with sentinels, then sentinels and spans; only the latter are learnt.</summary>
    SingleStream,
}
