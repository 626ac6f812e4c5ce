using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide thumbnail SLIDE</c>: the whole slide in a small picture, or one of the pictures that it carries.</summary>
internal static class SlideThumbnailCommand
{
    public static Command Create()
    {
        Argument<string> slide = SlideOptions.Slide();
        var size = new Option<int>("--size") { Description = "Longer side in pixels.", HelpName = "N", DefaultValueFactory = _ => 1024 };
        var associated = new Option<string?>("--associated") { Description = "Write this picture of the file instead: label, macro, thumbnail.", HelpName = "NAME" };
        var command = new Command("thumbnail", "Write the whole slide as a small picture (-o FILE.jpg or FILE.png).") { slide, size, associated };
        command.SetAction(result => Run(result.GetValue(slide)!, result.GetValue(size), result.GetValue(associated), CommonSettings.From(result)));
        return command;
    }

    private static int Run(string path, int size, string? associated, CommonSettings settings)
    {
        if (size is < 1 or > 20_000)
            throw new UsageException($"--size '{size}': it must be a whole number from 1 to 20000.");
        using ISlide slide = SlideOptions.Open(path, null);
        RgbImage image;
        if (associated is not null)
        {
            if (slide is not IAssociatedImages pictures)
                throw new SlideException($"{path} carries no pictures beside the scan.");
            image = pictures.ReadAssociatedImage(associated);
        }
        else
        {
            image = slide.Thumbnail(size);
        }

        string output = settings.Output ?? $"{slide.Name}-{associated ?? "thumbnail"}.jpg";
        SlideOptions.Write(output, image, associated is null ? (slide as IColourProfile)?.IccProfile : null);
        if (settings.Json)
            Answer.Json(new JsonObject { ["path"] = Path.GetFullPath(output), ["width"] = image.Width, ["height"] = image.Height });
        else
            Answer.Line($"{output}: {image.Width} x {image.Height} pixels");
        return ExitCode.Done;
    }
}
