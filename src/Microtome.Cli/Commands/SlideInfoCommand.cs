using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide info SLIDE...</c>: size, levels, pixel size and where it comes from.</summary>
internal static class SlideInfoCommand
{
    public static Command Create()
    {
        Argument<string[]> slides = SlideOptions.Slides();
        Option<string?> mpp = SlideOptions.Mpp();
        var all = new Option<bool>("--properties") { Description = "Also print every property of the file." };
        var command = new Command("info", "Print size, levels, pixel size and format.") { slides, mpp, all };
        command.SetAction(result => Run(result.GetValue(slides)!, result.GetValue(mpp), result.GetValue(all), result.GetValue(CommonOptions.Json)));
        return command;
    }

    private static int Run(string[] paths, string? mpp, bool all, bool json)
    {
        var objects = new JsonArray();
        int failed = 0;
        foreach (string path in paths)
        {
            try
            {
                using ISlide slide = SlideOptions.Open(path, mpp);
                if (json)
                    objects.Add((JsonNode)Describe(slide, all));
                else
                    Print(slide, all);
            }
            catch (SlideException e) when (paths.Length > 1)
            {
                failed++;
                Answer.Log($"microtome: {e.Message}");
                objects.Add((JsonNode)new JsonObject { ["path"] = path, ["error"] = e.Message });
            }
        }

        if (json)
            Answer.Json(paths.Length == 1 ? objects[0]!.DeepClone() : new JsonObject { ["slides"] = objects });
        return failed == 0 ? ExitCode.Done : failed == paths.Length ? ExitCode.Input : ExitCode.Partial;
    }

    private static JsonObject Describe(ISlide slide, bool all)
    {
        SlideLevel full = slide.Levels[0];
        var levels = new JsonArray();
        foreach (SlideLevel level in slide.Levels)
            levels.Add((JsonNode)new JsonObject { ["width"] = level.Width, ["height"] = level.Height, ["downsample"] = level.Downsample });
        var answer = new JsonObject
        {
            ["path"] = slide.Path,
            ["name"] = slide.Name,
            ["format"] = slide.Format,
            ["width"] = full.Width,
            ["height"] = full.Height,
            ["mpp_x"] = slide.PixelSize?.X,
            ["mpp_y"] = slide.PixelSize?.Y,
            ["mpp_source"] = slide.PixelSize is { } size ? Source(size.Source) : null,
            ["mpp_notes"] = Strings(slide.PixelSizeNotes),
            ["levels"] = levels,
            ["associated_images"] = Strings((slide as IAssociatedImages)?.AssociatedImages ?? []),
        };
        if (all)
        {
            var properties = new JsonObject();
            foreach ((string key, string value) in slide.Properties.OrderBy(p => p.Key, StringComparer.Ordinal))
                properties[key] = value;
            answer["properties"] = properties;
        }

        return answer;
    }

    private static void Print(ISlide slide, bool all)
    {
        SlideLevel full = slide.Levels[0];
        Answer.Line(slide.Path);
        Answer.Line($"  format      {slide.Format}");
        Answer.Line($"  size        {full.Width} x {full.Height} pixels");
        if (slide.PixelSize is { } size)
        {
            string value = Text(size.X) == Text(size.Y) ? Text(size.X) : $"{Text(size.X)} x {Text(size.Y)}";
            Answer.Line($"  pixel size  {value} um per pixel ({Source(size.Source).Replace('_', ' ')})");
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  specimen    {full.Width * size.X / 1000:0.00} x {full.Height * size.Y / 1000:0.00} mm"));
        }
        else
        {
            Answer.Line("  pixel size  unknown; pass --mpp to commands that measure");
        }

        foreach (string note in slide.PixelSizeNotes)
            Answer.Line($"  note        {note}");
        for (int i = 0; i < slide.Levels.Count; i++)
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  level {i,-5} {slide.Levels[i].Width} x {slide.Levels[i].Height}, downsample {slide.Levels[i].Downsample:0.####}"));
        if (slide is IAssociatedImages { AssociatedImages.Count: > 0 } more)
            Answer.Line($"  pictures    {string.Join(", ", more.AssociatedImages)}");
        if (!all)
            return;
        foreach ((string key, string value) in slide.Properties.OrderBy(p => p.Key, StringComparer.Ordinal))
            Answer.Line($"  {key} = {value}");
    }

    private static string Source(PixelSizeSource source) => source switch
    {
        PixelSizeSource.User => "user",
        PixelSizeSource.Vendor => "vendor",
        PixelSizeSource.ResolutionTag => "resolution_tag",
        PixelSizeSource.Magnification => "magnification",
        _ => "synthetic",
    };

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);
}
