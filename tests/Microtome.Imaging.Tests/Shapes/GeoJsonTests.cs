using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Microtome.Imaging.Tests.Shapes;

public class GeoJsonTests
{
    private static readonly GeoJsonFeature Cell = new()
    {
        Polygons = [new Polygon([new(0, 0), new(10.5, 0), new(10.5, 8), new(0, 8)], [[new(2, 2), new(2, 4), new(4, 4)]])],
        ObjectType = "detection",
        Name = "first \"one\"",
        ClassName = "Tumor",
        ClassColor = (200, 0, 7),
        Measurements = [new("Area um^2", 12.5), new("broken", double.NaN)],
    };

    [Fact]
    public void Write_OneCell_HasQuPathsForm()
    {
        using var document = JsonDocument.Parse(Write(Cell));
        var feature = document.RootElement.GetProperty("features")[0];
        Assert.Equal("FeatureCollection", document.RootElement.GetProperty("type").GetString());
        Assert.Equal("Feature", feature.GetProperty("type").GetString());
        Assert.True(Guid.TryParse(feature.GetProperty("id").GetString(), out _));
        Assert.Equal("[[[0,0],[10.5,0],[10.5,8],[0,8],[0,0]],[[2,2],[2,4],[4,4],[2,2]]]", feature.GetProperty("geometry").GetProperty("coordinates").GetRawText());
        var properties = feature.GetProperty("properties");
        Assert.Equal("detection", properties.GetProperty("objectType").GetString());
        Assert.Equal("{\"name\":\"Tumor\",\"color\":[200,0,7]}", properties.GetProperty("classification").GetRawText());
        Assert.Equal("{\"Area um^2\":12.5}", properties.GetProperty("measurements").GetRawText());
    }

    [Fact]
    public void Write_SameFeaturesTwice_GivesSameBytesAndDistinctIds()
    {
        var first = Write(Cell, Cell);
        Assert.Equal(first, Write(Cell, Cell));
        using var document = JsonDocument.Parse(first);
        Assert.Equal(2, document.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("id").GetString()).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_WhatWasWritten_GivesItBack(bool gzip)
    {
        var many = Cell with { Polygons = [Cell.Polygons[0], new Polygon([new(20, 20), new(30, 20), new(25, 31.125)])], Id = Guid.Parse("0f0e0d0c-0b0a-8908-8706-050403020100") };
        var bytes = Write(many, Cell);
        if (gzip)
        {
            using var packed = new MemoryStream();
            using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                stream.Write(bytes);
            bytes = packed.ToArray();
        }

        var back = GeoJsonReader.Read(new MemoryStream(bytes), "test");
        Assert.Equal(2, back.Count);
        Assert.Equal(many.Id, back[0].Id);
        Assert.Equal(2, back[0].Polygons.Count);
        Assert.Equal(many.Polygons[0].Exterior, back[0].Polygons[0].Exterior);
        Assert.Equal(many.Polygons[0].Holes, back[0].Polygons[0].Holes);
        Assert.Equal(many.Polygons[1].Exterior, back[0].Polygons[1].Exterior);
        Assert.Equal((Cell.Name, Cell.ClassName, Cell.ClassColor, Cell.ObjectType), (back[1].Name, back[1].ClassName, back[1].ClassColor, back[1].ObjectType));
        Assert.Equal([new("Area um^2", 12.5)], back[1].Measurements);
    }

    [Fact]
    public void Read_OldQuPathForms_AreUnderstood()
    {
        const string Text = """
            [{"type":"Feature","id":"PathAnnotationObject","geometry":{"type":"Polygon","coordinates":[[[1,2],[3,2],[3,4,0],[1,2]]]},
            "properties":{"classification":{"name":"Stroma","colorRGB":-3670016},"isLocked":false,"measurements":[{"name":"A","value":2.5},{"name":"B","value":"NaN"}]}},
            {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}]
            """;
        var notes = new List<string>();
        var feature = Assert.Single(GeoJsonReader.Read(Stream(Text), "old.json", notes));
        Assert.Equal("Stroma", feature.ClassName);
        Assert.Equal(((byte)200, (byte)0, (byte)0), feature.ClassColor);
        Assert.Equal([new("A", 2.5)], feature.Measurements);
        Assert.Equal(3, feature.Polygons[0].Exterior.Length);
        Assert.Contains("$[1].geometry is a Point", Assert.Single(notes));
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{\"type\":\"FeatureCollection\",\n\"features\":[", "line 2")]
    [InlineData("{\"features\":[]}", "\"type\" is missing")]
    [InlineData("3", "found 3")]
    [InlineData("{\"type\":\"Banana\"}", "\"Banana\"")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,0]]]}", "$.coordinates[0]: a ring needs")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,\"x\"],[2,0]]]}", "$.coordinates[0][1]")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1e999],[2,0]]]}", "$.coordinates[0][1]")]
    [InlineData("{\"type\":\"MultiPolygon\",\"coordinates\":[7]}", "$.coordinates[0]: expected an array of rings")]
    [InlineData("{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\"}}", "$.geometry: \"coordinates\" is missing")]
    public void Read_Malformed_SaysWhereAndWhatToDo(string text, string expected)
    {
        var e = Assert.Throws<SlideException>(() => GeoJsonReader.Read(Stream(text), "bad.geojson"));
        Assert.StartsWith("bad.geojson: ", e.Message);
        Assert.Contains(expected, e.Message);
        Assert.Contains("Export the objects again", e.Message);
    }

    [Fact]
    public void Read_EveryTruncationAndManyFlips_ThrowsOnlySlideException()
    {
        var bytes = Write(Cell);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<SlideException>(() => GeoJsonReader.Read(new MemoryStream(bytes, 0, length), "cut"));
        var random = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            var copy = (byte[])bytes.Clone();
            copy[random.Next(copy.Length)] = (byte)random.Next(256);
            try
            {
                GeoJsonReader.Read(new MemoryStream(copy), "flipped");
            }
            catch (SlideException e)
            {
                Assert.StartsWith("flipped: ", e.Message);
            }
        }
    }

    [Fact]
    public void Dispose_BeforeComplete_LeavesNoWholeFile()
    {
        using var stream = new MemoryStream();
        using (var writer = new GeoJsonWriter(stream, "x"))
            writer.Write(Cell);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(stream.ToArray()));
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private static byte[] Write(params GeoJsonFeature[] features)
    {
        using var stream = new MemoryStream();
        using var writer = new GeoJsonWriter(stream, "slide/nuclei");
        foreach (var feature in features)
            writer.Write(feature);
        writer.Complete();
        return stream.ToArray();
    }
}
