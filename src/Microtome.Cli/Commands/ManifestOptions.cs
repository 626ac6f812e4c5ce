using System.CommandLine;
using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Cli.Commands;

/// <summary><c>--manifest</c> and <c>--data</c>: the labelled pictures that a command works on.</summary>
internal sealed class ManifestOptions
{
    private readonly Option<FileInfo> manifest = new("--manifest") { Description = $"CSV with the columns {Manifest.Header}.", Required = true, HelpName = "FILE" };
    private readonly Option<DirectoryInfo?> data = new("--data") { Description = "Folder that the manifest's relative paths count from (default: the manifest's own).", HelpName = "DIR" };

    public void AddTo(Command command)
    {
        command.Options.Add(manifest);
        command.Options.Add(data);
    }

    /// <summary>The path of the manifest.</summary>
    public FileInfo FileOf(ParseResult result) => result.GetRequiredValue(manifest);

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="SlideException">It is not there or malformed.</exception>
    public Manifest Read(ParseResult result)
    {
        var file = FileOf(result);
        if (!file.Exists)
            throw new SlideException($"{file}: there is no such manifest. Give a CSV file with the columns {Manifest.Header}.");
        return Manifest.Read(file.FullName, result.GetValue(data)?.FullName ?? file.DirectoryName!);
    }
}
