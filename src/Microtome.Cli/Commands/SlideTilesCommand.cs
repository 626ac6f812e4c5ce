using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide tiles SLIDE -o DIR</c>: the slide cut into pictures, with a table of where each lies.</summary>
internal static class SlideTilesCommand
{
    public static Command Create()
    {
        Argument<string> slide = SlideOptions.Slide();
        Option<string?> mpp = SlideOptions.Mpp();
        var size = new Option<int>("--size") { Description = "Side of a tile in pixels.", HelpName = "PX", DefaultValueFactory = _ => 256 };
        var target = new Option<double?>("--target-mpp") { Description = "Microns per pixel of the tiles (default: level 0 as it is).", HelpName = "X" };
        var format = new Option<string>("--format") { Description = "png or jpg.", HelpName = "png|jpg", DefaultValueFactory = _ => "png" };
        format.AcceptOnlyFromAmong("png", "jpg");
        var command = new Command("tiles", "Cut the slide into tiles (-o DIR) with tiles.csv, which says where each lies.") { slide, mpp, size, target, format };
        command.SetAction((result, cancellation) => Task.FromResult(Run(result.GetValue(slide)!, result.GetValue(mpp), result.GetValue(size), result.GetValue(target), result.GetValue(format)!, CommonSettings.From(result), cancellation)));
        return command;
    }

    private static int Run(string path, string? mpp, int size, double? target, string format, CommonSettings settings, CancellationToken cancellation)
    {
        if (settings.Output is not { } folder)
            throw new UsageException("slide tiles needs -o DIR, the folder for the tiles.");
        if (size is < 16 or > 8192)
            throw new UsageException($"--size '{size}': it must be a whole number from 16 to 8192.");
        using ISlide slide = SlideOptions.Open(path, mpp);
        AnalysisGrid grid = new(1, 1);
        if (target is { } wanted)
        {
            if (!(wanted is >= PixelSize.Smallest and <= 1000))
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--target-mpp '{wanted}': it must lie in {PixelSize.Smallest} to 1000 um per pixel."));
            grid = AnalysisGrid.For(slide.RequirePixelSize(), wanted);
        }

        (long width, long height) = grid.SizeOf(slide.Levels[0]);
        long columns = (width + size - 1) / size;
        long rows = (height + size - 1) / size;
        if (columns * rows > 10_000_000)
            throw new UsageException($"{columns * rows} tiles are too many for files; use a larger --size, --target-mpp, or 'slide convert'.");
        Directory.CreateDirectory(folder);
        string[] lines = new string[columns * rows];
        Parallel.For(0, columns * rows, new ParallelOptions { MaxDegreeOfParallelism = settings.Threads, CancellationToken = cancellation }, i =>
        {
            var region = new GridRect(i % columns * size, i / columns * size, size, size);
            RgbImage image = slide.ReadGrid(grid, region);
            string name = string.Create(CultureInfo.InvariantCulture, $"{region.X}_{region.Y}.{format}");
            SlideOptions.Write(Path.Combine(folder, name), image, null);
            Level0Point corner = grid.ToLevel0(region.X, region.Y);
            lines[i] = string.Create(CultureInfo.InvariantCulture, $"{name},{corner.X:0.###},{corner.Y:0.###},{size * grid.ScaleX:0.###},{size * grid.ScaleY:0.###}");
        });

        // Names count grid pixels; the table gives level-0 pixels.
        var table = new StringBuilder("file,minx,miny,width,height\n");
        foreach (string line in lines)
            table.Append(line).Append('\n');
        AtomicFile.WriteAllText(Path.Combine(folder, "tiles.csv"), table.ToString());
        if (settings.Json)
            Answer.Json(new JsonObject { ["path"] = Path.GetFullPath(folder), ["tiles"] = lines.Length, ["columns"] = columns, ["rows"] = rows, ["scale_x"] = grid.ScaleX, ["scale_y"] = grid.ScaleY });
        else
            Answer.Line($"{folder}: {lines.Length} tiles ({columns} x {rows}) of {size} x {size} pixels, and tiles.csv");
        return ExitCode.Done;
    }
}
