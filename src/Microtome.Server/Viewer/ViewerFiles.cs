using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Microtome.Server;

/// <summary>The viewer's page and its files.</summary>
internal static class ViewerFiles
{
    public static void MapViewer(this WebApplication app, ServerOptions options)
    {
        if (FolderOf(options) is not { } folder)
        {
            app.MapGet("/", static () => TypedResults.Content("The viewer is not built: start it with ./microtome serve, which builds it. The interface is at /openapi/v1.json.", "text/plain")).ExcludeFromDescription();
            return;
        }

        var files = new PhysicalFileProvider(folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = static context => context.Context.Response.Headers.CacheControl = "no-cache",
        });
    }

    /// <summary>The folder of the built viewer: the given one, beside the program, or <c>out/web</c> of a folder above; null when it is not built.</summary>
    public static string? FolderOf(ServerOptions options)
    {
        if (options.WebFolder is { } given)
            return Path.GetFullPath(given);
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string built = Path.Combine(folder, "out", "web");
            if (File.Exists(Path.Combine(built, "index.html")))
                return built;
        }

        return null;
    }
}
