using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Microtome.Learning.Models;

/// <summary>
/// Looks through the code of a TorchScript file before anything of it runs. TorchScript can write any file with torch.save and open any with torch.from_file, already
/// while it is loaded; a classifier needs neither. This is a lock on the two known doors and no sandbox: take models from people you trust.
/// </summary>
internal static partial class ScriptInspection
{
    private const long MostBytes = 64 << 20;

    /// <summary>Reads the code.</summary>
    /// <exception cref="ModelException">The script reaches for files.</exception>
    public static void Check(string path)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            long bytes = 0;
            foreach (var entry in archive.Entries)
            {
                if (!names.Add(entry.FullName))
                    throw new ModelException($"{path}: the archive holds '{entry.FullName}' twice, which no export does. It is not used.");
                if (!entry.FullName.EndsWith(".py", StringComparison.OrdinalIgnoreCase))
                    continue;
                bytes += entry.Length;
                if (bytes > MostBytes)
                    throw new ModelException($"{path}: more than {MostBytes >> 20} MB of code, which no network needs. It is not used.");
                using var reader = new StreamReader(entry.Open());
                if (Doors().Match(reader.ReadToEnd()) is { Success: true } match)
                    throw new ModelException($"{path}: the script uses '{match.Value.Split('(')[0]}' ({entry.FullName}), with which it can read or write files on this computer. A classifier needs no files: it is not used.");
            }
        }
        catch (InvalidDataException)
        {
            // No archive: libtorch says what it makes of it.
        }
    }

    // As whole words, since a script can give 'torch' another name; and a getattr that spells its name in escapes.
    [GeneratedRegex(@"\b(save|from_file)\b|\bgetattr\b[\s\S]{0,200}?\\[0-7x]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Doors();
}
