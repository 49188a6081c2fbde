package io.lethean.lem.internal.schema;

import io.lethean.lem.GrammarException;
import io.lethean.lem.internal.schema.Schema.Branch;
import io.lethean.lem.internal.schema.Schema.Exclusion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Resolves references, allOf and the choices of anyOf, oneOf and if, so that plain schemas are left. */
final class Cases {

    private static final int MOST = 5000;

    private final SchemaDocument document;

    Cases(SchemaDocument document) {
        this.document = document;
    }

    /**
     * One way to follow some schemas.
     *
     * @param visited the places of all schemas that hold
     * @param schemas those of them that demand something, apart from what they apply to the same value
     * @param not schemas that must not hold
     * @param kinds that remain
     */
    record Case(Set<String> visited, List<Schema> schemas, List<Exclusion> not, Set<Kind> kinds) {

        /** Whether one of them lists the values. */
        boolean listed() {
            return schemas.stream().anyMatch(each -> each.values() != null);
        }

        /** This case, with some kinds only. */
        Case of(Set<Kind> some) {
            return new Case(visited, schemas, not, some);
        }

        List<String> places() {
            return schemas.stream().map(Schema::place).toList();
        }

        List<ObjectLimits> objects() {
            return schemas.stream().map(Schema::objects).toList();
        }

        List<ArrayLimits> arrays() {
            return schemas.stream().map(Schema::arrays).toList();
        }

        NumberLimits numbers() {
            return schemas.stream().map(Schema::numbers).reduce(NumberLimits.NONE, NumberLimits::and);
        }

        StringLimits strings() {
            return schemas.stream().map(Schema::strings).reduce(StringLimits.NONE, StringLimits::and);
        }
    }

    private static final class Growing {
        final Deque<String> todo = new ArrayDeque<>();
        final Set<String> places = new LinkedHashSet<>();
        final List<Exclusion> not = new ArrayList<>();
        final Deque<List<Branch>> choices = new ArrayDeque<>();
        final Set<Kind> kinds = EnumSet.allOf(Kind.class);

        Growing taking(Branch branch) {
            Growing copy = new Growing();
            copy.todo.addAll(branch.all());
            copy.places.addAll(places);
            copy.not.addAll(not);
            copy.not.addAll(branch.not());
            copy.choices.addAll(choices);
            copy.kinds.retainAll(kinds);
            return copy;
        }
    }

    /** Every way to follow all of some schemas. */
    List<Case> of(Collection<String> places) {
        return grown(new Growing(), places);
    }

    /** Every way to follow one more schema in a case, given the branches that it has taken. */
    List<Case> of(Case taken, String place) {
        Growing growing = new Growing();
        growing.places.addAll(taken.visited);
        growing.kinds.retainAll(taken.kinds);
        return grown(growing, List.of(place));
    }

    private List<Case> grown(Growing start, Collection<String> places) {
        Deque<Growing> open = new ArrayDeque<>(List.of(start));
        start.todo.addAll(places);
        List<Case> cases = new ArrayList<>();
        while (!open.isEmpty()) {
            Growing growing = open.pop();
            grow(growing);
            excludeKinds(growing);
            if (growing.kinds.isEmpty()) {
                continue;
            }
            List<Branch> choice = growing.choices.poll();
            if (choice == null) {
                cases.add(finished(growing));
            } else {
                choice.reversed().forEach(branch -> open.push(growing.taking(branch)));
            }
            if (cases.size() + open.size() > MOST) {
                throw new GrammarException("The JSON Schema cannot be used: the alternatives of anyOf, oneOf and if at "
                        + String.join(", ", places) + " combine in more than " + MOST + " ways.");
            }
        }
        return cases;
    }

    private void grow(Growing growing) {
        while (!growing.todo.isEmpty()) {
            String place = growing.todo.remove();
            if (growing.places.add(place)) {
                Schema schema = document.get(place);
                growing.kinds.retainAll(schema.kinds());
                growing.todo.addAll(schema.all());
                growing.not.addAll(schema.not());
                growing.choices.addAll(schema.choices());
            }
        }
    }

    /** Takes out the kinds that must not be, which settles exclusions such as {@code "not": {"type": "null"}}. */
    private void excludeKinds(Growing growing) {
        growing.not.removeIf(excluded -> {
            Schema schema = document.get(excluded.schema());
            if (schema.isOnlyKinds()) {
                growing.kinds.removeAll(schema.kinds());
            }
            return schema.isOnlyKinds();
        });
    }

    private Case finished(Growing growing) {
        List<Schema> schemas = growing.places.stream()
                .map(document::get)
                .filter(each -> !each.isOpen())
                .toList();
        return new Case(growing.places, schemas, List.copyOf(growing.not), growing.kinds);
    }
}
