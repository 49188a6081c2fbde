package io.lethean.lem.evaluation.report;

import java.util.Locale;

/** Writes the few SVG shapes of the plots; colours and fonts come from the page's style sheet by class. */
final class Svg {

    private final StringBuilder out = new StringBuilder();

    Svg(String cssClass, int width, int height, String title) {
        out.append(String.format(
                Locale.ROOT,
                "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\"><title>%s</title>\n",
                cssClass,
                width,
                height,
                Html.escape(title)));
    }

    Svg line(String cssClass, double x1, double y1, double x2, double y2) {
        return shape(
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", cssClass, x1, y1, x2, y2);
    }

    /** @param points {@code x,y} pairs, separated by spaces */
    Svg polyline(String cssClass, String points) {
        return shape("<polyline class=\"%s\" points=\"%s\"/>\n", cssClass, points);
    }

    Svg rect(String cssClass, double x, double y, double width, double height) {
        return shape(
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                cssClass, x, y, Math.max(0, width), Math.max(0, height));
    }

    /** A dot; its text appears when the pointer is on it. */
    Svg dot(String cssClass, double x, double y, double radius, String title) {
        return shape(
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s</title></circle>\n",
                cssClass, x, y, radius, Html.escape(title));
    }

    /** @param anchor {@code start}, {@code middle} or {@code end} */
    Svg text(String cssClass, double x, double y, String anchor, String text) {
        return shape(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
                cssClass, x, y, anchor, Html.escape(text));
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation is not on our class path
    private Svg shape(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
        return this;
    }

    String end() {
        return out + "</svg>\n";
    }
}
