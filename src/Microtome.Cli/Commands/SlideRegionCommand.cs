using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide region SLIDE --x --y --width --height [--level]</c>: a rectangle as a picture.</summary>
internal static class SlideRegionCommand
{
    private const int LargestSide = 50_000;

    public static Command Create()
    {
        Argument<string> slide = SlideOptions.Slide();
        var x = new Option<long>("--x") { Description = "Left edge, level-0 pixels; may lie outside, where the picture is white.", HelpName = "PX" };
        var y = new Option<long>("--y") { Description = "Top edge, level-0 pixels.", HelpName = "PX" };
        var width = new Option<int>("--width") { Description = "Width of the picture, pixels of the level.", HelpName = "PX", DefaultValueFactory = _ => 1024 };
        var height = new Option<int>("--height") { Description = "Height of the picture, pixels of the level.", HelpName = "PX", DefaultValueFactory = _ => 1024 };
        var level = new Option<int>("--level") { Description = "Pyramid level, 0 is the largest.", HelpName = "N" };
        var command = new Command("region", "Write a rectangle of one level as a picture (-o FILE.png or FILE.jpg).") { slide, x, y, width, height, level };
        command.SetAction(result => Run(result.GetValue(slide)!, result.GetValue(x), result.GetValue(y), result.GetValue(width), result.GetValue(height), result.GetValue(level), CommonSettings.From(result)));
        return command;
    }

    private static int Run(string path, long x, long y, int width, int height, int level, CommonSettings settings)
    {
        if (width is < 1 or > LargestSide || height is < 1 or > LargestSide || (long)width * height > 500_000_000)
            throw new UsageException($"--width {width} --height {height}: sides are 1 to {LargestSide} pixels and at most 500 megapixels together; use 'slide convert' for more.");
        using ISlide slide = SlideOptions.Open(path, null);
        if (level < 0 || level >= slide.Levels.Count)
            throw new UsageException($"--level {level}: {path} has levels 0 to {slide.Levels.Count - 1}.");
        double downsample = slide.Levels[level].Downsample;
        var region = new LevelRect(level, (long)Math.Round(x / downsample), (long)Math.Round(y / downsample), width, height);
        RgbImage image = slide.ReadRegion(region);
        string output = settings.Output ?? $"{slide.Name}-{x}-{y}.png";
        SlideOptions.Write(output, image, (slide as IColourProfile)?.IccProfile);
        if (settings.Json)
            Answer.Json(new JsonObject { ["path"] = Path.GetFullPath(output), ["x"] = x, ["y"] = y, ["level"] = level, ["width"] = width, ["height"] = height });
        else
            Answer.Line($"{output}: {width} x {height} pixels of level {level} from ({x}, {y})");
        return ExitCode.Done;
    }
}
