using System.IO.Compression;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Text files that may be packed with gzip, whatever their name says.</summary>
internal static class TextFile
{
    /// <summary>Most bytes that a text file may hold once unpacked.</summary>
    public const long Limit = 1L << 29;

    /// <summary>The whole text, as UTF-8; a byte order mark is dropped.</summary>
    /// <exception cref="SlideException">The file is missing, damaged or larger than <see cref="Limit"/>.</exception>
    public static string Read(string path)
    {
        if (!File.Exists(path))
            throw new SlideException(Directory.Exists(path) ? $"{path} is a folder, not a table." : $"{path} does not exist. Check the path.");
        try
        {
            using var file = File.OpenRead(path);
            bool packed = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            using Stream stream = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int n = stream.Read(buffer); n > 0; n = stream.Read(buffer))
            {
                bytes.Write(buffer, 0, n);
                if (bytes.Length > Limit)
                    throw new SlideException($"{path} holds more than {Limit >> 20} MiB of text: it is no table of patches or patients.");
            }

            bytes.Position = 0;
            using var reader = new StreamReader(bytes, Encoding.UTF8);
            string text = reader.ReadToEnd();
            if (text.Contains('\0'))
                throw new SlideException($"{path} is not a text file. Give the table, not a picture or a slide.");
            return text;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new SlideException($"{path} is damaged: {e.Message}", e);
        }
    }
}
