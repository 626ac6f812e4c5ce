using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide deepzoom SLIDE -o NAME</c>: tiles for viewers in a browser.</summary>
internal static class SlideDeepZoomCommand
{
    public static Command Create()
    {
        Argument<string> slide = SlideOptions.Slide();
        var tile = new Option<int>("--tile") { Description = "Side of a tile in pixels, without overlap.", HelpName = "PX", DefaultValueFactory = _ => 254 };
        var overlap = new Option<int>("--overlap") { Description = "Pixels that neighbours share on each side.", HelpName = "PX", DefaultValueFactory = _ => 1 };
        var quality = new Option<int>("--quality") { Description = "JPEG quality, 1 to 100.", HelpName = "Q", DefaultValueFactory = _ => Encoder.DefaultQuality };
        Option<string?> region = SlideRegionOption.Create();
        var command = new Command("deepzoom", "Write a Deep Zoom pyramid (-o NAME: NAME.dzi and NAME_files).") { slide, tile, overlap, quality, region };
        command.SetAction((result, cancellation) =>
        {
            var options = new PyramidOptions
            {
                Tile = result.GetValue(tile),
                Overlap = result.GetValue(overlap),
                Quality = result.GetValue(quality),
                Region = SlideRegionOption.Parse(result.GetValue(region)),
            };
            return Task.FromResult(Run(result.GetValue(slide)!, options, CommonSettings.From(result), cancellation));
        });
        return command;
    }

    private static int Run(string path, PyramidOptions options, CommonSettings settings, CancellationToken cancellation)
    {
        using ISlide slide = SlideOptions.Open(path, null);
        string descriptor = PyramidWriter.WriteDeepZoom(slide, settings.Output ?? slide.Name, options, cancellation);
        if (settings.Json)
            Answer.Json(new JsonObject { ["path"] = descriptor });
        else
            Answer.Line($"{descriptor}");
        return ExitCode.Done;
    }
}
