using System.CommandLine;
using System.Globalization;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary>Arguments and options that the commands on tumor and lymphocyte maps share.</summary>
internal static class TilOptions
{
    /// <summary>Said of two maps that do not meet.</summary>
    public const string Apart = "no lymphocyte patch lies on the tumor: percent_pos is 0 as published, but nothing is known. Are both maps of one slide, and do both files have the same origin?";

    public static Option<double> TumorThreshold() => Cut("--tumor-threshold", "Tumor from this probability on.", new AlignmentOptions().TumorThreshold);

    public static Option<double> TilThreshold() => Cut("--til-threshold", "Lymphocytes from this probability on; published models: 0.1 Inception-v4, 0.42 VGG-16, 0.5 ResNet-34.", new AlignmentOptions().TilThreshold);

    public static Option<string?> TumorClass() => new("--tumor-class") { Description = "Class of the tumor table that is tumor, when it has several; without it the most probable class decides.", HelpName = "NAME" };

    public static Option<string?> TilClass() => new("--til-class") { Description = "Class of the lymphocyte table that is lymphocytes, when it has several.", HelpName = "NAME" };

    /// <summary>Two tables laid on each other.</summary>
    public static Slide Align(string tumorFile, string tilFile, string? tumorClass, string? tilClass, AlignmentOptions options)
    {
        var (tumor, til) = (PatchTable.Read(tumorFile), PatchTable.Read(tilFile));
        var tilMap = PatchMap.From(til, til.ClassIndex(tilClass, "--til-class"));
        int[] classes = TumorSubtypes.TumorClasses(tumor);
        bool subtypes = tumorClass is null && classes.Length > 1;
        var tumorMap = subtypes ? TumorSubtypes.MapOf(tumor, classes) : PatchMap.From(tumor, tumor.ClassIndex(tumorClass, "--tumor-class"));
        return new Slide(tumorMap, tilMap, MapAlignment.Align(tumorMap, tilMap, options), subtypes ? TumorSubtypes.Measure(tumor, tilMap, options) : []);
    }

    /// <summary>The tables of a folder by the names of their slides.</summary>
    public static Dictionary<string, string> Tables(string folder, string option)
    {
        if (!Directory.Exists(folder))
            throw new SlideException($"{option} {folder} {(File.Exists(folder) ? "is a file; name the folder that holds it" : "does not exist")}.");
        var tables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            // color-* and meta_* lie beside the published tables and hold no probabilities.
            if (name[0] == '.' || name.StartsWith("color-", StringComparison.Ordinal) || name.StartsWith("meta_", StringComparison.Ordinal) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                continue;
            if (!tables.TryAdd(PatchTable.SlideOf(file), file))
                throw new SlideException($"{option} {folder} holds two tables of {PatchTable.SlideOf(file)}: {Path.GetFileName(tables[PatchTable.SlideOf(file)])} and {name}. Keep one.");
        }

        return tables;
    }

    /// <summary>What one slide gives.</summary>
    public sealed record Slide(PatchMap Tumor, PatchMap Til, MapAlignment Alignment, IReadOnlyList<TumorSubtype> Subtypes);

    private static Option<double> Cut(string name, string description, double standard)
    {
        var option = new Option<double>(name) { Description = description, HelpName = "X", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is > 0 and <= 1))
                result.AddError($"{name} '{result.Tokens[0].Value}': a cut lies above 0 and is at most 1.");
        });
        return option;
    }
}
