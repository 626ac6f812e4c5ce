using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Nuclei as bytes for journals and intermediate files: little endian, nothing rounded. The layout may change with the program's version.</summary>
public static class NucleusCodec
{
    private const int Version = 1;

    /// <summary>Encodes a batch.</summary>
    public static byte[] Encode(IReadOnlyCollection<Nucleus> nuclei)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(Version);
        writer.Write(nuclei.Count);
        foreach (var n in nuclei)
        {
            writer.Write(n.Class);
            writer.Write(n.Anchor.X);
            writer.Write(n.Anchor.Y);
            writer.Write(n.AreaPixels);
            foreach (var value in (ReadOnlySpan<double>)[
                n.Centroid.X, n.Centroid.Y, n.AreaUm2, n.PerimeterUm, n.MajorAxisUm, n.MinorAxisUm, n.Eccentricity, n.Solidity, n.Circularity,
                n.HaematoxylinMean, n.EosinMean, n.MeanRgb.R, n.MeanRgb.G, n.MeanRgb.B, n.Probability])
            {
                writer.Write(value);
            }

            writer.Write(n.Polygon.Exterior.Length);
            foreach (var v in n.Polygon.Exterior)
            {
                writer.Write(v.X);
                writer.Write(v.Y);
            }
        }

        writer.Flush();
        return memory.ToArray();
    }

    /// <summary>Decodes a batch.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut short or of another version.</exception>
    public static Nucleus[] Decode(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            if (reader.ReadInt32() != Version)
                throw new InvalidDataException("These nuclei were written by another version of the program; run the analysis again.");
            var nuclei = new Nucleus[reader.ReadInt32()];
            for (var i = 0; i < nuclei.Length; i++)
                nuclei[i] = Read(reader);
            return nuclei;
        }
        catch (Exception e) when (e is EndOfStreamException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException("The stored nuclei are cut short or damaged; run the analysis again.", e);
        }
    }

    private static Nucleus Read(BinaryReader reader) => new()
    {
        // Initialisers run in the order in which they are written: the order of Encode.
        Class = reader.ReadString(),
        Anchor = (reader.ReadInt64(), reader.ReadInt64()),
        AreaPixels = reader.ReadInt32(),
        Centroid = new Level0Point(reader.ReadDouble(), reader.ReadDouble()),
        AreaUm2 = reader.ReadDouble(),
        PerimeterUm = reader.ReadDouble(),
        MajorAxisUm = reader.ReadDouble(),
        MinorAxisUm = reader.ReadDouble(),
        Eccentricity = reader.ReadDouble(),
        Solidity = reader.ReadDouble(),
        Circularity = reader.ReadDouble(),
        HaematoxylinMean = reader.ReadDouble(),
        EosinMean = reader.ReadDouble(),
        MeanRgb = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()),
        Probability = reader.ReadDouble(),
        Polygon = new Polygon(Ring(reader)),
    };

    private static Vertex[] Ring(BinaryReader reader)
    {
        var ring = new Vertex[reader.ReadInt32()];
        for (var i = 0; i < ring.Length; i++)
            ring[i] = new Vertex(reader.ReadDouble(), reader.ReadDouble());
        return ring;
    }
}
