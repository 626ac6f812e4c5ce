namespace Microtome.Language.Tests;

public sealed class StopScannerTests
{
    [Fact]
    public void Next_AnyPieces_GiveTheTextBeforeTheFirstStop()
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var text = Letters(random, 30);
            string[] stops = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Letters(random, 4))];
            var scanner = new StopScanner(stops);
            var got = string.Empty;
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(text.Length - at, random.Next(1, 4));
                got += scanner.Next(text.Substring(at, length));
                at += length;
            }

            got += scanner.Finish();
            var ends = stops.Where(static s => s.Length > 0).Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(static i => i >= 0).ToArray();
            // Pieces are looked at as they come: of two stops that overlap, the one that is complete first ends the text.
            var expected = ends.Length == 0 ? text : null;
            if (expected is not null)
                Assert.Equal(expected, got);
            else
                Assert.True(scanner.Stopped && text.StartsWith(got, StringComparison.Ordinal) && stops.Any(s => s.Length > 0 && text[got.Length..].StartsWith(s, StringComparison.Ordinal)) && !stops.Any(s => s.Length > 0 && got.Contains(s, StringComparison.Ordinal)), $"'{text}' with '{string.Join("', '", stops)}' gave '{got}'");
        }
    }

    private static string Letters(Random random, int most) => new([.. Enumerable.Range(0, random.Next(most)).Select(_ => (char)('a' + random.Next(3)))]);
}
