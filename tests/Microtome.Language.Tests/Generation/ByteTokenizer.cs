using System.Text.Json;

namespace Microtome.Language.Tests;

/// <summary>A tokenizer whose tokens are the 256 bytes, and an end of text: GPT-2's files without merges.</summary>
internal static class ByteTokenizer
{
    public const int Vocabulary = 257;

    /// <summary>Writes its files. The id of a byte is its value.</summary>
    public static void Write(string folder)
    {
        var tokens = new Dictionary<string, int>();
        var extra = 256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            tokens[((char)(printable ? value : extra++)).ToString()] = value;
        }

        tokens["<|endoftext|>"] = 256;
        File.WriteAllText(Path.Combine(folder, "encoder.json"), JsonSerializer.Serialize(tokens));
        File.WriteAllText(Path.Combine(folder, "vocab.bpe"), "#version: 0.2\n");
    }
}
