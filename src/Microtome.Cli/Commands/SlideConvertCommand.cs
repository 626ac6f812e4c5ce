using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide convert SLIDE -o FILE.tif</c>: a tiled TIFF pyramid that other programs read.</summary>
internal static class SlideConvertCommand
{
    public static Command Create()
    {
        Argument<string> slide = SlideOptions.Slide();
        Option<string?> mpp = SlideOptions.Mpp();
        var tile = new Option<int>("--tile") { Description = "Side of a tile in pixels, a multiple of 16.", HelpName = "PX", DefaultValueFactory = _ => 256 };
        var quality = new Option<int>("--quality") { Description = "JPEG quality, 1 to 100.", HelpName = "Q", DefaultValueFactory = _ => Encoder.DefaultQuality };
        var compression = new Option<string>("--compression") { Description = "jpeg, deflate or none.", HelpName = "NAME", DefaultValueFactory = _ => "jpeg" };
        compression.AcceptOnlyFromAmong("jpeg", "deflate", "none");
        Option<string?> region = SlideRegionOption.Create();
        var command = new Command("convert", "Write a tiled pyramid TIFF (-o FILE.tif); BigTIFF when it may pass 4 GiB.") { slide, mpp, tile, quality, compression, region };
        command.SetAction((result, cancellation) =>
        {
            var options = new PyramidOptions
            {
                Tile = result.GetValue(tile),
                Quality = result.GetValue(quality),
                Compression = Enum.Parse<TiffCompression>(result.GetValue(compression)!, ignoreCase: true),
                Region = SlideRegionOption.Parse(result.GetValue(region)),
                Threads = CommonSettings.From(result).Threads,
            };
            return Task.FromResult(Run(result.GetValue(slide)!, result.GetValue(mpp), options, CommonSettings.From(result), cancellation));
        });
        return command;
    }

    private static int Run(string path, string? mpp, PyramidOptions options, CommonSettings settings, CancellationToken cancellation)
    {
        using ISlide slide = SlideOptions.Open(path, mpp);
        string output = settings.Output ?? $"{slide.Name}-pyramid.tif";
        if (!Path.GetExtension(output).StartsWith(".tif", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--output '{output}': the name must end in .tif or .tiff.");
        if (string.Equals(Path.GetFullPath(output), slide.Path, StringComparison.Ordinal))
            throw new UsageException($"--output '{output}': that is the slide itself.");
        PyramidWriter.WriteTiff(slide, output, options, cancellation);
        long bytes = new FileInfo(output).Length;
        if (settings.Json)
            Answer.Json(new JsonObject { ["path"] = Path.GetFullPath(output), ["bytes"] = bytes });
        else
            Answer.Line($"{output}: {bytes / 1e6:0.0} MB");
        return ExitCode.Done;
    }
}
