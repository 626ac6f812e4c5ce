using System.CommandLine;
using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Cli.Commands;

/// <summary><c>--manifest</c> and <c>--data</c>: the labelled pictures that a command works on.</summary>
internal sealed class ManifestOptions
{
    private readonly Option<FileInfo?> manifest;
    private readonly Option<DirectoryInfo?> data = new("--data") { Description = "Folder that the manifest's relative paths count from (default: the manifest's own).", HelpName = "DIR" };

    /// <summary>Makes the options.</summary>
    /// <param name="required">Whether the command has no other source of pictures.</param>
    public ManifestOptions(bool required = true) =>
        manifest = new("--manifest") { Description = $"CSV with the columns {Manifest.Header}.", Required = required, HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Options.Add(manifest);
        command.Options.Add(data);
    }

    /// <summary>The path of the manifest.</summary>
    /// <exception cref="UsageException">It is not given.</exception>
    public FileInfo FileOf(ParseResult result) => result.GetValue(manifest) ?? throw new UsageException($"Option '--manifest' is required: a CSV with the columns {Manifest.Header}.");

    /// <summary>Whether the manifest is given.</summary>
    public bool IsGiven(ParseResult result) => result.GetValue(manifest) is not null;

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
