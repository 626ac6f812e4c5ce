using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>What is measured of one slide to judge how far its results can be trusted: the content of <c>quality.json</c>. It holds no verdict: that needs the other slides.</summary>
public sealed record SlideQuality
{
    /// <summary>The name of the file in the folder of a slide's results.</summary>
    public const string FileName = "quality.json";

    /// <summary>The version of the content.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new OneLineArray() },
    };

    /// <summary>The version of the content; files of another version are measured anew.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The slide.</summary>
    public required string Slide { get; init; }

    /// <summary>Microns per level-0 pixel, mean of both axes.</summary>
    public required double Mpp { get; init; }

    /// <summary>Where the pixel size comes from.</summary>
    public required string MppSource { get; init; }

    /// <summary>Tissue, mm2.</summary>
    public required double TissueAreaMm2 { get; init; }

    /// <summary>Share of the slide that is tissue.</summary>
    public required double TissueFraction { get; init; }

    /// <summary>Whether a person edited the outline.</summary>
    public bool TissueEdited { get; init; }

    /// <summary>Pen marks, share of the slide.</summary>
    public double PenFraction { get; init; }

    /// <summary>Folds, share of the tissue.</summary>
    public double FoldFraction { get; init; }

    /// <summary>Places that the search for tissue found out of focus, share of those looked at.</summary>
    public double BlurFraction { get; init; }

    /// <summary>Focus; null when there is nothing to judge.</summary>
    public FocusQuality? Focus { get; init; }

    /// <summary>Colours; null without tissue.</summary>
    public StainQuality? Stain { get; init; }

    /// <summary>Nuclei; null when they were not looked for.</summary>
    public NucleusQuality? Nuclei { get; init; }

    /// <summary>Pen marks per tissue, by area; 0 without pen.</summary>
    [JsonIgnore]
    public double PenPerTissue => PenFraction == 0 ? 0 : PenFraction / Math.Max(TissueFraction, 1e-6);

    /// <summary>Reads a file.</summary>
    /// <exception cref="SlideException">It is missing, damaged or of another version.</exception>
    public static SlideQuality Read(string path)
    {
        if (!File.Exists(path))
            throw new SlideException($"{path} does not exist: the slide was analysed before quality was measured. Run 'microtome analyze' on it again: only what is missing is done.");
        try
        {
            var quality = JsonSerializer.Deserialize<SlideQuality>(File.ReadAllText(path), s_json) ?? throw new JsonException("it is empty");
            return quality.Version == CurrentVersion
                ? quality
                : throw new SlideException($"{path} is of version {quality.Version}, this program reads {CurrentVersion}. Run 'microtome analyze' on the slide again.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException)
        {
            throw new SlideException($"{path} is damaged ({e.Message.Split('\n')[0]}). Delete it and run 'microtome analyze' on the slide again.", e);
        }
    }

    /// <summary>Writes a file; equal measurements give equal bytes.</summary>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, s_json) + "\n");

    // Counts of a histogram read better on one line.
    private sealed class OneLineArray : JsonConverter<long[]>
    {
        public override long[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var values = new List<long>();
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("a list of counts is expected");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (values.Count == QualityHistogram.MostBins)
                    throw new JsonException("a histogram has too many bins");
                values.Add(reader.GetInt64());
            }

            return [.. values];
        }

        public override void Write(Utf8JsonWriter writer, long[] value, JsonSerializerOptions options) => writer.WriteRawValue("[" + string.Join(",", value) + "]");
    }
}
