package io.lethean.lem.site;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.commonmark.node.BulletList;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;

/**
 * The order of the pages: the lists of docs/README.md, of which each item begins with the link to a page. An item may have a list
 * of its own with the pages that go into detail.
 *
 * @param sections sections in the order of the page
 */
record Navigation(List<Section> sections) {

    /** A heading of the home page and the items below it. */
    record Section(String title, List<Item> items) {}

    /** A page, the name of the link to it, and the pages below it. */
    record Item(String title, String source, List<Item> items) {}

    /**
     * Reads the order.
     *
     * @param fault gets a sentence for each page that is missing or there twice
     */
    static Navigation of(Repository repository, Links links, Consumer<String> fault) {
        Page home = repository.page(Page.HOME).orElseThrow(() -> new IllegalStateException(Page.HOME + " is missing"));
        List<Section> sections = new ArrayList<>();
        String title = "";
        for (Node node : Markdown.children(home.document())) {
            if (node instanceof Heading heading) {
                title = Markdown.text(heading);
            } else if (node instanceof BulletList list) {
                sections.add(new Section(title, items(home, links, list)));
            }
        }
        Navigation navigation = new Navigation(sections);
        List<String> listed = navigation.sources();
        for (Page page : repository.pages()) {
            long times = listed.stream().filter(page.source()::equals).count();
            if (times != 1 && !page.source().equals(Page.HOME)) {
                fault.accept(Page.HOME + ": " + page.source() + " must be in one list, and is in " + times);
            }
        }
        return navigation;
    }

    private static List<Item> items(Page home, Links links, BulletList list) {
        List<Item> items = new ArrayList<>();
        for (Node child : Markdown.children(list)) {
            if (child instanceof ListItem item
                    && item.getFirstChild() instanceof Paragraph text
                    && text.getFirstChild() instanceof Link link
                    && links.resolve(home, link.getDestination()) instanceof Target.OfPage target) {
                List<Item> below = new ArrayList<>();
                for (Node inner : Markdown.children(item)) {
                    if (inner instanceof BulletList nested) {
                        below.addAll(items(home, links, nested));
                    }
                }
                items.add(new Item(Markdown.text(link), target.page().source(), below));
            }
        }
        return items;
    }

    /** All pages in their order. */
    List<String> sources() {
        List<String> sources = new ArrayList<>();
        sections.forEach(section -> collect(section.items(), sources));
        return sources;
    }

    private static void collect(List<Item> items, List<String> sources) {
        for (Item item : items) {
            sources.add(item.source());
            collect(item.items(), sources);
        }
    }
}
